import { setMaxListeners } from 'node:events';
import type { KubeClient } from './client.js';
import { KubeApiError } from './kube-api-error.js';
import { type Lease, microTime } from './lease.js';
import type { ClientMetrics } from './runtime-metrics.js';
import { type Cancel, type Timers, sleep } from './timers.js';

/** Times of an election, in ms. The others wait `leaseMs`; the leader itself gives up after `renewMs`. */
export interface ElectionTimes {
  readonly leaseMs: number;
  readonly renewMs: number;
  readonly retryMs: number;
}

/** controller-runtime's. The 5 s between the first two are what clocks and a slow last write may take. */
const usualTimes: ElectionTimes = { leaseMs: 15_000, renewMs: 10_000, retryMs: 2000 };
/** Times in the same proportions for leases that run out after `leaseMs`. */
export function electionTimes(leaseMs: number): ElectionTimes {
  const share = leaseMs / usualTimes.leaseMs;
  return { leaseMs, renewMs: usualTimes.renewMs * share, retryMs: usualTimes.retryMs * share };
}

/** client-go: waits are stretched by up to 1.2 times, so that candidates do not try together. */
const jitter = 1.2;

interface ElectionOptions {
  readonly client: KubeClient;
  readonly timers: Timers;
  readonly namespace: string;
  readonly name: string;
  /** Who we are; no other process may bear it. */
  readonly identity: string;
  readonly times?: ElectionTimes;
  readonly metrics?: ClientMetrics;
  /** Hears whether we lead, each time that changes. */
  readonly onChange?: (isLeader: boolean) => void;
  readonly onTrouble?: (error: unknown) => void;
  readonly random?: () => number;
}

/** A write was about to be made by a process that does not lead any more. */
export class LeadershipLost extends Error {
  constructor() {
    super('this process does not lead any more');
    this.name = 'LeadershipLost';
  }
}

/**
 * One leader at a time, by a Lease. Durations are measured by each process on its own clock, from when it saw the lease
 * change: the machines' dates may differ.
 */
export class LeaderElector {
  /** When the renewal that succeeded last was sent; null while another leads. */
  private renewedAt: number | null = null;
  private seen: { readonly version: string; readonly at: number } | null = null;
  private held: Lease | null = null;
  private readonly times: ElectionTimes;
  private readonly random: () => number;

  constructor(private readonly options: ElectionOptions) {
    this.times = options.times ?? usualTimes;
    this.random = options.random ?? Math.random;
  }

  /** Whether a write made now is made by the leader. */
  get isLeader(): boolean {
    return this.renewedAt !== null && this.options.timers.elapsedMs() - this.renewedAt < this.times.renewMs;
  }

  /** How often the lease has changed hands: a number that grows with every leader. */
  get term(): number {
    return this.held?.spec.leaseTransitions ?? 0;
  }

  /** The fence before each write. @throws {LeadershipLost} */
  assertHeld(): void {
    if (!this.isLeader) throw new LeadershipLost();
  }

  /**
   * Waits to lead, then runs `lead` until it ends, `signal` aborts or leadership is lost; the signal given to `lead`
   * aborts in the last two cases. Gives the lease back at the end, so that the next need not wait for it to run out.
   * True when leadership was lost.
   */
  async run(signal: AbortSignal, lead: (signal: AbortSignal) => Promise<void>): Promise<boolean> {
    if (!(await this.acquire(signal))) return false;
    const reign = new AbortController();
    // Each call and each wait of the reign listens: hundreds of them are no leak.
    setMaxListeners(0, reign.signal);
    const onAbort = () => reign.abort();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    this.tell(true);
    const renewing = this.keep(reign);
    try {
      await lead(reign.signal);
    } finally {
      const isLost = !this.isLeader;
      reign.abort();
      await renewing;
      signal.removeEventListener('abort', onAbort);
      if (!isLost) await this.release();
      this.renewedAt = null;
      this.tell(false);
    }
    return !signal.aborted && reign.signal.reason instanceof LeadershipLost;
  }

  private tell(isLeader: boolean): void {
    this.options.metrics?.leader.set({ name: this.options.name }, isLeader ? 1 : 0);
    this.options.onChange?.(isLeader);
  }

  /** True once we lead, false when `signal` aborts first. */
  private async acquire(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted) {
      if (await this.attempt(signal)) return true;
      await sleep(this.options.timers, this.waitMs(), signal);
    }
    return false;
  }

  /** Until the next try: sooner than usual where the lease of a leader that is silent runs out before. */
  private waitMs(): number {
    const usualMs = this.times.retryMs * (1 + this.random() * (jitter - 1));
    if (this.seen === null) return usualMs;
    const leftMs = this.seen.at + this.times.leaseMs - this.options.timers.elapsedMs();
    return leftMs > 0 ? Math.min(usualMs, leftMs + 1) : usualMs;
  }

  /** Renews until `reign` ends; ends it itself when it has not succeeded for `renewMs`. */
  private async keep(reign: AbortController): Promise<void> {
    const { timers } = this.options;
    const deadline = this.watchDeadline(reign);
    while (!reign.signal.aborted) {
      await sleep(timers, this.times.retryMs, reign.signal);
      if (reign.signal.aborted) break;
      await this.attempt(reign.signal);
      if (this.renewedAt === null) reign.abort(new LeadershipLost());
    }
    deadline();
  }

  /** A renewal that hangs must not keep a leader alive: its time is up whether or not the call has ended. */
  private watchDeadline(reign: AbortController): Cancel {
    const { timers } = this.options;
    let cancel: Cancel = () => undefined;
    const check = () => {
      if (reign.signal.aborted) return;
      if (!this.isLeader) return reign.abort(new LeadershipLost());
      const leftMs = this.times.renewMs - (timers.elapsedMs() - (this.renewedAt ?? 0));
      cancel = timers.after(Math.max(1, leftMs), check);
    };
    check();
    return () => cancel();
  }

  /** Takes or renews the lease where that may be done. Never fails. */
  private async attempt(signal: AbortSignal): Promise<boolean> {
    const sentAt = this.options.timers.elapsedMs();
    try {
      const lease = await this.write(signal);
      if (lease === null) {
        this.renewedAt = null;
        return false;
      }
      this.held = lease;
      this.renewedAt = sentAt;
      return true;
    } catch (error) {
      if (!signal.aborted) this.options.onTrouble?.(error);
      return false;
    }
  }

  /** The lease as written; null while another holds it. */
  private async write(signal: AbortSignal): Promise<Lease | null> {
    try {
      if (this.held !== null) return await this.overwrite(this.held, signal);
    } catch (error) {
      // Perhaps our own last renewal, whose answer was lost: look before anything is given up.
      if (!(error instanceof KubeApiError) || !error.isConflict) throw error;
      this.held = null;
    }
    const { client, namespace, name } = this.options;
    const before = await client.find<Lease>(this.ref(), this.call(signal));
    if (before === null)
      return client.create(this.lease({ metadata: { name, namespace }, spec: {} }), this.call(signal));
    return this.overwrite(before, signal);
  }

  private async overwrite(before: Lease, signal: AbortSignal): Promise<Lease | null> {
    const holder = before.spec.holderIdentity ?? '';
    if (holder !== '' && holder !== this.options.identity && !this.hasRunOut(before)) return null;
    return this.options.client.replace(this.lease(before), this.call(signal));
  }

  /** Half of the time there is, so that a call that hangs leaves room for another. */
  private call(signal: AbortSignal) {
    return { signal, deadlineMs: this.times.renewMs / 2 };
  }

  private hasRunOut(lease: Lease): boolean {
    const now = this.options.timers.elapsedMs();
    const version = lease.metadata.resourceVersion ?? '';
    if (this.seen === null || this.seen.version !== version) {
      this.seen = { version, at: now };
      return false;
    }
    const durationMs = (lease.spec.leaseDurationSeconds ?? this.times.leaseMs / 1000) * 1000;
    return now - this.seen.at >= durationMs;
  }

  private lease(before: Pick<Lease, 'metadata' | 'spec'>): Lease {
    const { identity, timers } = this.options;
    const isOurs = before.spec.holderIdentity === identity;
    const transitions = before.spec.leaseTransitions;
    const now = microTime(timers.now());
    const { name, namespace, resourceVersion } = before.metadata;
    return {
      apiVersion: 'coordination.k8s.io/v1',
      kind: 'Lease',
      metadata: {
        name,
        ...(namespace !== undefined && { namespace }),
        ...(resourceVersion !== undefined && { resourceVersion }),
      },
      spec: {
        holderIdentity: identity,
        leaseDurationSeconds: Math.max(1, Math.ceil(this.times.leaseMs / 1000)),
        acquireTime: isOurs ? (before.spec.acquireTime ?? now) : now,
        renewTime: now,
        leaseTransitions: isOurs ? (transitions ?? 0) : transitions === undefined ? 0 : transitions + 1,
      },
    };
  }

  /** Nobody holds it any more. Best effort: it runs out by itself. */
  private async release(): Promise<void> {
    const { client, identity, onTrouble } = this.options;
    const call = { deadlineMs: this.times.retryMs };
    this.held = null;
    try {
      const lease = await client.find<Lease>(this.ref(), call);
      if (lease?.spec.holderIdentity !== identity) return;
      await client.replace({ ...lease, spec: { ...lease.spec, holderIdentity: '', leaseDurationSeconds: 1 } }, call);
    } catch (error) {
      onTrouble?.(error);
    }
  }

  private ref() {
    const { namespace, name } = this.options;
    return { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace, name };
  }
}
