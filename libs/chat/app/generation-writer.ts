import { asAppError } from '#libs/kernel/errors.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { Generation } from '../domain/conversation.js';
import { advance, emptyTurn, type EventRange, type TurnEvent, type TurnState } from '../domain/turn.js';
import type { ChatStores } from '../ports/chat-stores.js';
import { topicOf } from './announce.js';

/** A text delta gathers this long: 25 paints a second is more than a reader sees, and each frame costs both sides. */
const gatherMs = 40;
/** What was written longer ago than this survives a kill -9. */
const logMs = 200;
/** A writer that has not beaten for its lease (10 s) is taken for dead; three beats fit in. */
const beatMs = 3_000;

interface WriterParts {
  readonly sessions: TenantSessions<ChatStores>;
  readonly bus: Bus;
  readonly tenant: Tenant;
  readonly generation: Generation;
  /** Called when the row says that the answer should stop, or is no longer ours. */
  readonly onStopRow: () => void;
  readonly onLogError: (error: unknown) => void;
}

/**
 * Numbers the events of one answer, sends them to live readers at once and to the log every 200 ms. The numbers
 * of both are the same, so a reader can go on from either.
 */
export class GenerationWriter {
  private seq = 0;
  private gathered = '';
  private gatherTimer: NodeJS.Timeout | undefined;
  private lastSentMs = 0;
  private pending: TurnEvent[] = [];
  private pendingFrom = 0;
  private logging: Promise<void> = Promise.resolve();
  private current: TurnState;
  private readonly logTimer: NodeJS.Timeout;
  private readonly beatTimer: NodeJS.Timeout;

  constructor(private readonly parts: WriterParts) {
    this.current = emptyTurn(parts.generation.model);
    this.logTimer = setInterval(() => this.log(), logMs);
    this.beatTimer = setInterval(() => void this.beat(), beatMs);
  }

  /** The state after everything that was pushed. */
  get state(): TurnState {
    return this.current;
  }

  push(event: TurnEvent): void {
    this.current = advance(this.current, event);
    if (event.kind !== 'text-delta') {
      this.release();
      this.emit(event);
      return;
    }
    this.gathered += event.text;
    if (this.gatherTimer !== undefined) return;
    // The first delta after a pause goes out at once; those behind it gather.
    const wait = this.lastSentMs + gatherMs - performance.now();
    if (wait <= 0) this.release();
    else this.gatherTimer = setTimeout(() => this.release(), wait);
  }

  /** Logs everything and ends the timers. The caller then writes how the answer ended. @returns what is not logged yet */
  async drain(): Promise<{ readonly rest: EventRange; readonly seq: number }> {
    this.release();
    clearInterval(this.logTimer);
    clearInterval(this.beatTimer);
    await this.logging;
    return { rest: this.take(), seq: this.seq };
  }

  private release(): void {
    clearTimeout(this.gatherTimer);
    this.gatherTimer = undefined;
    if (this.gathered === '') return;
    const text = this.gathered;
    this.gathered = '';
    this.emit({ kind: 'text-delta', text });
  }

  private emit(event: TurnEvent): void {
    this.lastSentMs = performance.now();
    this.pending.push(event);
    const from = this.seq;
    this.seq += 1;
    // The end is told only when it is committed.
    if (event.kind === 'turn-end' || event.kind === 'turn-error') return;
    const range: EventRange = { epoch: this.parts.generation.epoch, from, to: this.seq, events: [event] };
    this.parts.bus.publish(this.parts.tenant.id, topicOf.generation(this.parts.generation.id), range);
  }

  private take(): EventRange {
    const range = { epoch: this.parts.generation.epoch, from: this.pendingFrom, to: this.seq, events: this.pending };
    this.pending = [];
    this.pendingFrom = this.seq;
    return range;
  }

  private log(): void {
    if (this.pending.length === 0) return;
    this.logging = this.logging.then(async () => {
      const range = this.take();
      if (range.events.length === 0) return;
      try {
        await this.parts.sessions.run(this.parts.tenant.id, ({ generations }) =>
          generations.appendEvents(this.parts.generation.id, range),
        );
      } catch (error) {
        // Kept, and written with the next ones: the log must have no gap.
        this.pending = [...range.events, ...this.pending];
        this.pendingFrom = range.from;
        this.parts.onLogError(asAppError(error));
      }
    });
  }

  private async beat(): Promise<void> {
    const { sessions, tenant, generation, onStopRow, onLogError } = this.parts;
    try {
      const { stop } = await sessions.run(tenant.id, ({ generations }) =>
        generations.beat(generation.id, generation.epoch, new Date()),
      );
      if (stop) onStopRow();
    } catch (error) {
      onLogError(error);
    }
  }
}
