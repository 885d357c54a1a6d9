import type { Clock } from '#libs/kernel/clock.js';

/** Longest life of an answer, in ms: with the time of the question it stays below the promised 5 s. */
export const cachedMs = 4_000;
/** Answers kept at most; past it the oldest goes. About 5 MB. */
const capacity = 10_000;

/** Keeps answers for a few seconds. */
export class ShortCache<Value> {
  private readonly entries = new Map<string, { readonly value: Value; readonly until: number }>();

  constructor(private readonly clock: Clock) {}

  get(key: string): Value | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.until > this.clock.now().getTime()) return entry.value;
    this.entries.delete(key);
    return undefined;
  }

  /** @param askedAt when the answer was asked for; its life counts from there */
  set(key: string, value: Value, askedAt: Date): void {
    this.entries.delete(key);
    this.entries.set(key, { value, until: askedAt.getTime() + cachedMs });
    const [oldest] = this.entries.keys();
    if (this.entries.size > capacity && oldest !== undefined) this.entries.delete(oldest);
  }

  drop(concerns: (value: Value, key: string) => boolean): void {
    for (const [key, { value }] of this.entries) if (concerns(value, key)) this.entries.delete(key);
  }
}
