import { type ApiResource, apiVersionOf, resourcePath } from './api-resource.js';
import type { KubeClient } from './client.js';
import { KubeApiError } from './kube-api-error.js';
import type { KubeObject } from './kube-object.js';
import { type Timers, sleep } from './timers.js';
import { watchStream } from './watch-stream.js';

/** What a reflector keeps up to date. Its methods must be quick and must not fail. */
export interface Mirror {
  /** All there is at this moment; what is not among them is gone. */
  replace(objects: readonly KubeObject[]): void;
  put(object: KubeObject): void;
  remove(object: KubeObject): void;
}

interface ReflectorOptions {
  readonly client: KubeClient;
  readonly resource: ApiResource;
  readonly mirror: Mirror;
  readonly timers: Timers;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Hears of each failure that is about to be mended, for the log. */
  readonly onTrouble?: (error: unknown) => void;
  readonly random?: () => number;
}

/** client-go: a watch lives 5 to 10 minutes, at random, so that thousands do not come back together. */
const shortestWatchSeconds = 300;
/** client-go: 0.8 s, doubled up to 30 s, each stretched by up to as much again; forgotten after 2 quiet minutes. */
const firstBackoffMs = 800;
const longestBackoffMs = 30_000;
const resetBackoffMs = 120_000;
/** client-go: a watch that ends at once and empty is a failure, however politely it ended. */
const shortWatchMs = 1000;

/**
 * Keeps a mirror of one kind: a list that comes as the beginning of a watch (or page by page from older servers), then
 * every change. A broken watch goes on from where it was; only 410 and the start ask for everything.
 */
export class Reflector {
  private resourceVersion: string | null = null;
  private canStreamLists = true;
  private backoffMs = firstBackoffMs;
  private failedAt = Number.NEGATIVE_INFINITY;
  private readonly random: () => number;

  constructor(private readonly options: ReflectorOptions) {
    this.random = options.random ?? Math.random;
  }

  /** Works until `signal` aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await this.round(signal);
      } catch (error) {
        if (signal.aborted) return;
        this.options.onTrouble?.(error);
        if (error instanceof KubeApiError && error.isExpired) this.resourceVersion = null;
        await this.pause(error, signal);
      }
    }
  }

  private async round(signal: AbortSignal): Promise<void> {
    if (this.resourceVersion === null) {
      if (this.canStreamLists) return this.listByWatch(signal);
      await this.listByPages(signal);
    }
    await this.follow(this.query({ resourceVersion: this.resourceVersion ?? '0' }), signal);
  }

  /** The list comes as events up to a marked bookmark: the server holds no big answer in memory. */
  private async listByWatch(signal: AbortSignal): Promise<void> {
    const query = this.query({ sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan' });
    try {
      await this.follow(query, signal, new Map());
    } catch (error) {
      if (!(error instanceof KubeApiError) || !isRefusal(error)) throw error;
      this.canStreamLists = false;
    }
  }

  private async listByPages(signal: AbortSignal): Promise<void> {
    const { client, resource, namespace, labelSelector, fieldSelector } = this.options;
    const list = await client.list(
      { apiVersion: apiVersionOf(resource), kind: resource.kind },
      {
        signal,
        ...(namespace !== undefined && { namespace }),
        ...(labelSelector !== undefined && { labelSelector }),
        ...(fieldSelector !== undefined && { fieldSelector }),
      },
    );
    this.options.mirror.replace(list.items);
    this.resourceVersion = list.resourceVersion;
  }

  /** Reads one watch; `initial` gathers the objects before the bookmark that ends them. */
  private async follow(
    query: Record<string, string | undefined>,
    signal: AbortSignal,
    initial: Map<string, KubeObject> | null = null,
  ): Promise<void> {
    const { client, timers, mirror, resource, namespace } = this.options;
    const path = resourcePath(resource, namespace === undefined ? {} : { namespace });
    const timeoutSeconds = Math.round(shortestWatchSeconds * (1 + this.random()));
    const startedAt = timers.elapsedMs();
    let gathered = initial;
    let events = 0;
    for await (const event of watchStream(client.transport, timers, { path, query, signal, timeoutSeconds })) {
      events += 1;
      if (event.kind === 'bookmark') {
        if (gathered !== null && event.isInitialEnd) {
          mirror.replace([...gathered.values()]);
          gathered = null;
        }
        if (gathered === null) this.resourceVersion = event.resourceVersion;
      } else if (gathered !== null) {
        gatherInto(gathered, event);
      } else {
        if (event.kind === 'put') mirror.put(event.object);
        else mirror.remove(event.object);
        this.resourceVersion = event.object.metadata.resourceVersion ?? this.resourceVersion;
      }
    }
    if (signal.aborted) return;
    if (gathered !== null) throw ended('the watch ended before its list was whole');
    if (events === 0 && timers.elapsedMs() - startedAt < shortWatchMs) throw ended('the watch ended at once, empty');
  }

  private query(more: Record<string, string>): Record<string, string | undefined> {
    const { labelSelector, fieldSelector } = this.options;
    return { labelSelector, fieldSelector, ...more };
  }

  private async pause(error: unknown, signal: AbortSignal): Promise<void> {
    const { timers } = this.options;
    if (timers.elapsedMs() - this.failedAt > resetBackoffMs) this.backoffMs = firstBackoffMs;
    const told = error instanceof KubeApiError ? (error.retryAfterMs ?? 0) : 0;
    const waitMs = Math.max(told, this.backoffMs * (1 + this.random()));
    this.backoffMs = Math.min(this.backoffMs * 2, longestBackoffMs);
    await sleep(timers, waitMs, signal);
    this.failedAt = timers.elapsedMs();
  }
}

/** How servers that cannot stream lists answer. */
function isRefusal(error: KubeApiError): boolean {
  return error.status === 400 || error.status === 422 || error.status === 405;
}

function gatherInto(gathered: Map<string, KubeObject>, event: { kind: 'put' | 'removed'; object: KubeObject }): void {
  const { namespace = '', name } = event.object.metadata;
  const key = `${namespace}/${name}`;
  if (event.kind === 'put') gathered.set(key, event.object);
  else gathered.delete(key);
}

function ended(message: string): KubeApiError {
  return new KubeApiError({ status: 0, reason: 'NoAnswer', message });
}
