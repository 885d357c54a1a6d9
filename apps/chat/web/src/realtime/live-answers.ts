import { useCallback, useSyncExternalStore } from 'react';
import type { TurnState } from '#libs/contracts/chat-events.js';

/** Pause between two paints of a running answer, in ms: 20 a second read as steady and leave time to type. */
const paintEveryMs = 50;

/** Answers being written, by generation; readers are told at most 20 times a second. */
class LiveAnswers {
  private readonly answers = new Map<string, TurnState>();
  private readonly painted = new Map<string, TurnState>();
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setTimeout> | undefined;
  private paintedMs = 0;

  read(generationId: string): TurnState | undefined {
    return this.answers.get(generationId);
  }

  readPainted(generationId: string): TurnState | undefined {
    return this.painted.get(generationId);
  }

  write(generationId: string, state: TurnState): void {
    this.answers.set(generationId, state);
    // The first words after a pause are painted at once; those behind them gather.
    this.timer ??= setTimeout(() => this.paint(), Math.max(0, this.paintedMs + paintEveryMs - performance.now()));
  }

  forget(generationId: string): void {
    this.answers.delete(generationId);
    this.paint();
  }

  subscribe(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private paint(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.paintedMs = performance.now();
    this.painted.clear();
    for (const [generationId, state] of this.answers) this.painted.set(generationId, state);
    for (const listener of this.listeners) listener();
  }
}

export const liveAnswers = new LiveAnswers();

/** The answer of a generation as it grows; undefined when it is not being written here. */
export function useLiveAnswer(generationId: string | undefined): TurnState | undefined {
  const subscribe = useCallback((listener: () => void) => liveAnswers.subscribe(listener), []);
  return useSyncExternalStore(subscribe, () =>
    generationId === undefined ? undefined : liveAnswers.readPainted(generationId),
  );
}
