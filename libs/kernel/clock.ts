/** The one source of time. Tests give a clock they move by hand, so that nothing sleeps. */
export abstract class Clock {
  /** The present moment (UTC). */
  abstract now(): Date;
}

/** The machine's own clock. */
export class SystemClock extends Clock {
  override now(): Date {
    return new Date();
  }
}
