import { Clock } from '#libs/kernel/clock.js';

/** A clock that a test moves by hand. */
export class ManualClock extends Clock {
  constructor(private time = new Date('2026-06-15T12:00:00Z')) {
    super();
  }

  override now(): Date {
    return new Date(this.time);
  }

  advance(ms: number): void {
    this.time = new Date(this.time.getTime() + ms);
  }
}
