import { Clock } from '#libs/kernel/clock.js';

/** Ends a wait that is not over yet; ending it twice does nothing. */
export type Cancel = () => void;

/**
 * Time for a controller: the moment for what is written, a clock that nobody sets for what is measured, and
 * waiting. Tests move all three by hand.
 */
export abstract class Timers extends Clock {
  /** Time since an unnamed start, in ms. Never goes back, whatever happens to the machine's date. */
  abstract elapsedMs(): number;
  /** Calls `run` once after `delayMs`. */
  abstract after(delayMs: number, run: () => void): Cancel;
}

/** Longest delay that Node's timers take; anything above fires at once. */
const longestDelayMs = 2 ** 31 - 1;

/** The machine's own time. */
export class SystemTimers extends Timers {
  override now(): Date {
    return new Date();
  }

  override elapsedMs(): number {
    return performance.now();
  }

  override after(delayMs: number, run: () => void): Cancel {
    const timer = setTimeout(run, Math.min(delayMs, longestDelayMs));
    return () => clearTimeout(timer);
  }
}

/** Waits `delayMs`, or until `signal` aborts: whichever comes first. Never fails. */
export function sleep(timers: Timers, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const onAbort = () => {
      cancel();
      resolve();
    };
    const cancel = timers.after(delayMs, () => {
      signal?.removeEventListener('abort', onAbort);
      resolve();
    });
    signal?.addEventListener('abort', onAbort, { once: true });
  });
}
