import type { Timers } from './timers.js';

/** client-go's first wait after a failure: a lost race is over by then. */
const firstMs = 5;
/** client-go waits up to 1000 s; five minutes keep "retried for ever" within a person's patience. */
const longestMs = 5 * 60_000;

/** How long each key waits after its next failure: doubled each time, until it is forgotten. */
export class ItemBackoff {
  private readonly failures = new Map<string, number>();

  constructor(
    private readonly baseMs = firstMs,
    private readonly maxMs = longestMs,
  ) {}

  /** Counts one failure of `key` and gives the wait in ms. */
  next(key: string): number {
    const failures = this.failures.get(key) ?? 0;
    this.failures.set(key, failures + 1);
    return Math.min(this.baseMs * 2 ** Math.min(failures, 50), this.maxMs);
  }

  /** `key` succeeded: its next failure waits the shortest time again. */
  forget(key: string): void {
    this.failures.delete(key);
  }

  failuresOf(key: string): number {
    return this.failures.get(key) ?? 0;
  }
}

/** Lets `burst` things pass at once and `perSecond` on average. */
export class TokenBucket {
  private tokens: number;
  private filledAt: number;

  constructor(
    private readonly timers: Timers,
    private readonly perSecond: number,
    private readonly burst: number,
  ) {
    this.tokens = burst;
    this.filledAt = timers.elapsedMs();
  }

  /** Takes one now, if there is one. */
  take(): boolean {
    this.fill();
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }

  /** Takes one in advance and says in how many ms it is there. */
  reserve(): number {
    this.fill();
    this.tokens -= 1;
    return this.tokens >= 0 ? 0 : (-this.tokens / this.perSecond) * 1000;
  }

  /** Nothing was taken for so long that it is as good as new. */
  get isFull(): boolean {
    this.fill();
    return this.tokens >= this.burst;
  }

  private fill(): void {
    const now = this.timers.elapsedMs();
    this.tokens = Math.min(this.burst, this.tokens + ((now - this.filledAt) / 1000) * this.perSecond);
    this.filledAt = now;
  }
}
