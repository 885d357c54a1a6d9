import type { UsageEvent } from '../domain/usage.js';

/** Keeps usage events on disk while the database can not take them. Survives the process. */
export abstract class UsageSpill {
  /** Resolves when the events are on disk. */
  abstract put(events: readonly UsageEvent[]): Promise<void>;
  /**
   * Gives the oldest batch to `write` and forgets it when that succeeds. False when nothing is kept.
   * Any error of `write` is thrown on and keeps the batch.
   */
  abstract replay(write: (events: readonly UsageEvent[]) => Promise<void>): Promise<boolean>;
}
