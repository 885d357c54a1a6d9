import type { Deadlines } from '#libs/inference/ports/model-server.js';

type Phase = 'first-token' | 'idle' | 'total';

/**
 * Watches the waits of one attempt with a single timer: a chunk only notes the time, and the timer, when it
 * fires early, is set again for what is left.
 */
export class AttemptDeadlines {
  private readonly startedAt = performance.now();
  private lastAt = this.startedAt;
  private hasBegun = false;
  private isPaused = false;
  private timer: NodeJS.Timeout;

  constructor(
    private readonly deadlines: Deadlines,
    private readonly onExpired: (phase: Phase) => void,
  ) {
    this.timer = setTimeout(() => this.check(), this.remaining().ms);
  }

  /** Bytes of the body have arrived. */
  progress(): void {
    this.lastAt = performance.now();
    if (this.hasBegun) return;
    this.hasBegun = true;
    this.rearm();
  }

  /** The client reads slowly: the server is not to blame for silence meanwhile. */
  pause(): void {
    this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    this.lastAt = performance.now();
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private rearm(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.check(), this.remaining().ms);
  }

  private check(): void {
    const { phase, ms } = this.remaining();
    if (ms <= 0) this.onExpired(phase);
    else this.rearm();
  }

  /** The deadline that comes first, and the time until then. */
  private remaining(): { phase: Phase; ms: number } {
    const now = performance.now();
    const total = this.startedAt + this.deadlines.totalMs - now;
    const next = this.hasBegun
      ? this.lastAt + this.deadlines.idleMs - now
      : this.startedAt + this.deadlines.firstTokenMs - now;
    if (this.isPaused && this.hasBegun) return { phase: 'total', ms: Math.min(total, this.deadlines.idleMs) };
    if (total <= next) return { phase: 'total', ms: total };
    return { phase: this.hasBegun ? 'idle' : 'first-token', ms: next };
  }
}
