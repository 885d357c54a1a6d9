import { Deadline } from './http-call.js';
import type { RuntimeMetrics } from './runtime-metrics.js';
import type { Timers } from './timers.js';
import type { WorkQueue } from './work-queue.js';

/** What a reconcile leaves to do. */
export interface ReconcileResult {
  /** Look again in so many ms; unset: when something changes. */
  readonly requeueAfterMs?: number;
}

/** Brings the world of one key to what it should be. Running it twice changes nothing. */
export type Reconcile = (key: string, call: { readonly signal: AbortSignal }) => Promise<ReconcileResult>;

/** A failure that no repetition mends: the key is left alone until its object changes. */
export class TerminalError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'TerminalError';
  }
}

interface ControllerOptions {
  readonly name: string;
  readonly queue: WorkQueue;
  readonly reconcile: Reconcile;
  readonly timers: Timers;
  readonly metrics?: RuntimeMetrics;
  /** Keys at once. controller-runtime has 1; one slow database must not hold up everybody. */
  readonly workers?: number;
  /** Longest reconcile; its signal aborts then. */
  readonly timeoutMs?: number;
  /** Hears of each failure and when the key comes again; null for never. */
  readonly onFailure?: (key: string, error: unknown, retryInMs: number | null) => void;
}

const usualWorkers = 8;
/** A reconcile is calls with deadlines of their own; five minutes of them is a fault, not work. */
const usualTimeoutMs = 5 * 60_000;
/** A worker that did not let go this long after its signal is stuck, and only a restart mends it. */
const stuckGraceMs = 60_000;

/** Workers that reconcile the keys of a queue. */
export class Controller {
  private readonly workers: number;
  private readonly timeoutMs: number;

  constructor(private readonly options: ControllerOptions) {
    this.workers = options.workers ?? usualWorkers;
    this.timeoutMs = options.timeoutMs ?? usualTimeoutMs;
  }

  /** A worker does not come back although its time is over: for the liveness probe. */
  get isStuck(): boolean {
    return this.options.queue.longestRunningMs() > this.timeoutMs + stuckGraceMs;
  }

  /** Works until `signal` aborts, then closes the queue and waits for what runs. */
  async run(signal: AbortSignal): Promise<void> {
    const { queue, metrics, name } = this.options;
    const onAbort = () => queue.close();
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    metrics?.maxWorkers.set({ controller: name }, this.workers);
    await Promise.all(Array.from({ length: this.workers }, () => this.work(signal)));
    signal.removeEventListener('abort', onAbort);
  }

  private async work(signal: AbortSignal): Promise<void> {
    const { queue, metrics, name } = this.options;
    for (let key = await queue.take(); key !== null; key = await queue.take()) {
      metrics?.activeWorkers.inc({ controller: name });
      await this.process(key, signal);
      metrics?.activeWorkers.dec({ controller: name });
      queue.done(key);
    }
  }

  private async process(key: string, stop: AbortSignal): Promise<void> {
    const { timers, metrics, name, queue } = this.options;
    const startedAt = timers.elapsedMs();
    let result = 'success';
    try {
      const { requeueAfterMs } = await this.limited(key, stop);
      queue.forget(key);
      if (requeueAfterMs !== undefined) {
        queue.addAfter(key, requeueAfterMs);
        result = 'requeue_after';
      }
    } catch (error) {
      result = 'error';
      if (!stop.aborted) this.failed(key, error);
    }
    metrics?.reconciles.inc({ controller: name, result });
    metrics?.duration.observe({ controller: name }, (timers.elapsedMs() - startedAt) / 1000);
  }

  private failed(key: string, error: unknown): void {
    const { queue, metrics, name, onFailure } = this.options;
    metrics?.errors.inc({ controller: name });
    if (error instanceof TerminalError) {
      metrics?.terminalErrors.inc({ controller: name });
      queue.forget(key);
      onFailure?.(key, error, null);
      return;
    }
    onFailure?.(key, error, queue.addRateLimited(key));
  }

  /** Runs the reconcile with a signal that aborts with `stop`, or when its time is over. */
  private async limited(key: string, stop: AbortSignal): Promise<ReconcileResult> {
    const { timers, reconcile, metrics, name } = this.options;
    const controller = new AbortController();
    const onStop = () => controller.abort(stop.reason);
    stop.addEventListener('abort', onStop, { once: true });
    if (stop.aborted) onStop();
    const cancel = timers.after(this.timeoutMs, () => {
      metrics?.timeouts.inc({ controller: name });
      controller.abort(new Deadline(this.timeoutMs));
    });
    try {
      return await reconcile(key, { signal: controller.signal });
    } finally {
      cancel();
      stop.removeEventListener('abort', onStop);
    }
  }
}
