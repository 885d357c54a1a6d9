/** Counts tries to sign in to one tenant. Bound to it and to one transaction. */
export abstract class AttemptStore {
  /** Adds one to the counter and returns it. Atomic: of parallel tries each sees another number. */
  abstract add(key: string, windowStart: Date): Promise<number>;
  /** Takes one back: the try was no failure. */
  abstract giveBack(key: string, windowStart: Date): Promise<void>;
  abstract clear(key: string): Promise<void>;
  /** Forgets windows that started before `before`. */
  abstract expire(before: Date): Promise<void>;
}
