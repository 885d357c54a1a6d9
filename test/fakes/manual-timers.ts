import { type Cancel, Timers } from '#operator/runtime/timers.js';

interface Waiting {
  readonly dueAt: number;
  readonly run: () => void;
}

/** Time for a controller that a test moves by hand. */
export class ManualTimers extends Timers {
  private readonly startedAt = new Date('2026-06-15T12:00:00Z').getTime();
  private elapsed = 0;
  private readonly waiting = new Set<Waiting>();

  override now(): Date {
    return new Date(this.startedAt + this.elapsed);
  }

  override elapsedMs(): number {
    return this.elapsed;
  }

  override after(delayMs: number, run: () => void): Cancel {
    const entry = { dueAt: this.elapsed + delayMs, run };
    this.waiting.add(entry);
    return () => this.waiting.delete(entry);
  }

  /** How many waits there are. */
  get pending(): number {
    return this.waiting.size;
  }

  /** When the next wait is over, in ms from now; null where nobody waits. */
  get nextMs(): number | null {
    if (this.waiting.size === 0) return null;
    return Math.min(...[...this.waiting].map(({ dueAt }) => dueAt)) - this.elapsed;
  }

  /** Moves time on; what falls due meanwhile runs at its moment, with all it leads to in memory. */
  async advance(ms: number): Promise<void> {
    const end = this.elapsed + ms;
    await settle();
    for (let next = this.due(end); next !== undefined; next = this.due(end)) {
      this.waiting.delete(next);
      this.elapsed = Math.max(this.elapsed, next.dueAt);
      next.run();
      await settle();
    }
    this.elapsed = end;
  }

  private due(end: number): Waiting | undefined {
    return [...this.waiting].filter(({ dueAt }) => dueAt <= end).sort((one, other) => one.dueAt - other.dueAt)[0];
  }
}

/** Lets promises that are ready go on. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
