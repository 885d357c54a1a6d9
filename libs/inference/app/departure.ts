import { pause } from '#libs/kernel/abort.js';

/**
 * The client's leaving, as one call sees it. An AbortController for each call would do the same at some
 * hundredfold of the cost, and nearly no client leaves.
 */
export class Departure {
  hasHappened = false;
  private react: () => void = () => undefined;

  happen(): void {
    if (this.hasHappened) return;
    this.hasHappened = true;
    this.react();
  }

  /** Calls `react` when the client leaves, at once if it has. Takes the place of an earlier one. */
  onHappen(react: () => void): void {
    this.react = react;
    if (this.hasHappened) react();
  }

  /** Waits `ms` milliseconds, or until the client leaves. */
  orPause(ms: number): Promise<void> {
    const left = new AbortController();
    this.onHappen(() => left.abort());
    return pause(ms, left.signal);
  }
}
