import { ItemBackoff, TokenBucket } from './rate-limit.js';
import type { RuntimeMetrics } from './runtime-metrics.js';
import type { Cancel, Timers } from './timers.js';

/** What goes first: what a person changed, what a child did, what is looked at again to be sure. */
export type Priority = 'user' | 'child' | 'resync';
const priorities: readonly Priority[] = ['user', 'child', 'resync'];

/** client-go's overall limit on keys that come back after a failure: 10/s, 100 at once. */
const retriesPerSecond = 10;
const retriesAtOnce = 100;

interface QueueOptions {
  readonly name: string;
  readonly timers: Timers;
  readonly metrics?: RuntimeMetrics;
  readonly backoff?: ItemBackoff;
}

/**
 * Keys for workers. A key waits once however often it is added, is never held by two workers, and waits again when it
 * was added while one held it. Within a priority the oldest goes first.
 */
export class WorkQueue {
  private readonly waiting: Record<Priority, Set<string>> = { user: new Set(), child: new Set(), resync: new Set() };
  /** Keys that workers hold, since when, and the priority of what was added meanwhile. */
  private readonly held = new Map<string, { readonly since: number; again: Priority | null }>();
  private readonly addedAt = new Map<string, number>();
  private readonly delayed = new Map<string, { readonly dueAt: number; readonly cancel: Cancel }>();
  private readonly takers: ((key: string | null) => void)[] = [];
  private readonly backoff: ItemBackoff;
  private readonly retries: TokenBucket;
  private isClosed = false;

  constructor(private readonly options: QueueOptions) {
    this.backoff = options.backoff ?? new ItemBackoff();
    this.retries = new TokenBucket(options.timers, retriesPerSecond, retriesAtOnce);
  }

  /** Keys that wait now; those that wait for a time are not among them. */
  get length(): number {
    return priorities.reduce((sum, priority) => sum + this.waiting[priority].size, 0);
  }

  /** Keys that workers hold. */
  get running(): number {
    return this.held.size;
  }

  add(key: string, priority: Priority = 'child'): void {
    if (this.isClosed) return;
    const held = this.held.get(key);
    if (held !== undefined) {
      held.again = higher(held.again, priority);
      return;
    }
    this.options.metrics?.adds.inc(this.labels);
    this.enqueue(key, priority);
  }

  /** Adds it in `delayMs`, or earlier where an earlier time is set for it already. */
  addAfter(key: string, delayMs: number, priority: Priority = 'resync'): void {
    if (this.isClosed) return;
    if (delayMs <= 0) return this.add(key, priority);
    const dueAt = this.options.timers.elapsedMs() + delayMs;
    const planned = this.delayed.get(key);
    if (planned !== undefined) {
      if (planned.dueAt <= dueAt) return;
      planned.cancel();
    }
    const cancel = this.options.timers.after(delayMs, () => {
      this.delayed.delete(key);
      this.add(key, priority);
    });
    this.delayed.set(key, { dueAt, cancel });
  }

  /** Adds it again after a failure: later each time, until `forget`. Gives the wait in ms. */
  addRateLimited(key: string, priority: Priority = 'child'): number {
    const delayMs = Math.max(this.backoff.next(key), this.retries.reserve());
    this.options.metrics?.retries.inc(this.labels);
    this.addAfter(key, delayMs, priority);
    return delayMs;
  }

  /** `key` succeeded. */
  forget(key: string): void {
    this.backoff.forget(key);
  }

  failuresOf(key: string): number {
    return this.backoff.failuresOf(key);
  }

  /** The next key, for which `done` must be called; null once the queue is closed. */
  take(): Promise<string | null> {
    const key = this.isClosed ? null : this.next();
    if (key !== null) return Promise.resolve(this.hold(key));
    if (this.isClosed) return Promise.resolve(null);
    return new Promise((resolve) => this.takers.push(resolve));
  }

  /** The worker lets go of `key`. */
  done(key: string): void {
    const held = this.held.get(key);
    if (held === undefined) return;
    this.held.delete(key);
    this.options.metrics?.worked.observe(this.labels, (this.options.timers.elapsedMs() - held.since) / 1000);
    if (held.again !== null) this.add(key, held.again);
  }

  /** How long the slowest worker has held its key, in ms; 0 where none works. */
  longestRunningMs(): number {
    const now = this.options.timers.elapsedMs();
    return Math.max(0, ...[...this.held.values()].map(({ since }) => now - since));
  }

  /** No key is added or taken any more; those that workers hold may be finished. */
  close(): void {
    this.isClosed = true;
    for (const { cancel } of this.delayed.values()) cancel();
    this.delayed.clear();
    for (const taker of this.takers.splice(0)) taker(null);
  }

  /** Brings the gauges of what runs up to date; a page of metrics calls it before it is written. */
  measure(): void {
    const now = this.options.timers.elapsedMs();
    const seconds = [...this.held.values()].map(({ since }) => (now - since) / 1000);
    this.options.metrics?.unfinished.set(
      this.labels,
      seconds.reduce((sum, one) => sum + one, 0),
    );
    this.options.metrics?.longest.set(this.labels, Math.max(0, ...seconds));
    for (const priority of priorities)
      this.options.metrics?.depth.set({ ...this.labels, priority }, this.waiting[priority].size);
  }

  private get labels() {
    return { name: this.options.name, controller: this.options.name };
  }

  private enqueue(key: string, priority: Priority): void {
    const present = priorities.find((one) => this.waiting[one].has(key));
    if (present !== undefined) {
      if (higher(present, priority) === present) return;
      this.waiting[present].delete(key);
    }
    this.waiting[priority].add(key);
    if (!this.addedAt.has(key)) this.addedAt.set(key, this.options.timers.elapsedMs());
    const taker = this.takers.shift();
    if (taker === undefined) return;
    const next = this.next();
    taker(next === null ? null : this.hold(next));
  }

  private next(): string | null {
    for (const priority of priorities) for (const key of this.waiting[priority]) return key;
    return null;
  }

  private hold(key: string): string {
    const now = this.options.timers.elapsedMs();
    for (const priority of priorities) this.waiting[priority].delete(key);
    this.options.metrics?.waited.observe(this.labels, (now - (this.addedAt.get(key) ?? now)) / 1000);
    this.addedAt.delete(key);
    this.held.set(key, { since: now, again: null });
    return key;
  }
}

function higher(one: Priority | null, other: Priority): Priority {
  return one !== null && priorities.indexOf(one) <= priorities.indexOf(other) ? one : other;
}
