import { useSyncExternalStore } from 'react';
import type { SendRequest } from '#libs/contracts/chat-events.js';
import type { ErrorView } from '#libs/contracts/error-body.js';

/** A turn that the server has not acknowledged yet. */
export interface PendingTurn {
  readonly request: SendRequest;
  /** The conversation it belongs to; null while it starts one. */
  readonly conversationId: string | null;
  readonly createdAt: string;
  readonly error: ErrorView | null;
}

/** Of this tab only, so that two tabs never show each other's unsent messages; survives a reload. */
const storageKey = 'whisper.outbox';

function stored(): readonly PendingTurn[] {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '[]') as PendingTurn[];
  } catch {
    return [];
  }
}

/** Turns waiting for their receipt, oldest first. */
class Outbox {
  private turns = stored();
  private readonly listeners = new Set<() => void>();

  all(): readonly PendingTurn[] {
    return this.turns;
  }

  find(clientId: string): PendingTurn | undefined {
    return this.turns.find((turn) => turn.request.clientId === clientId);
  }

  add(turn: PendingTurn): void {
    this.change([...this.turns, turn]);
  }

  remove(clientId: string): void {
    this.change(this.turns.filter((turn) => turn.request.clientId !== clientId));
  }

  setError(clientId: string, error: ErrorView | null): void {
    this.change(this.turns.map((turn) => (turn.request.clientId === clientId ? { ...turn, error } : turn)));
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change(turns: readonly PendingTurn[]): void {
    this.turns = turns;
    sessionStorage.setItem(storageKey, JSON.stringify(turns));
    for (const listener of this.listeners) listener();
  }
}

export const outbox = new Outbox();

export function useOutbox(): readonly PendingTurn[] {
  return useSyncExternalStore(
    (listener) => outbox.subscribe(listener),
    () => outbox.all(),
  );
}
