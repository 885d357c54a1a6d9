import type { IncomingMessage } from 'node:http';
import { jsonLines } from './json-lines.js';
import { KubeApiError, errorFromBody } from './kube-api-error.js';
import type { KubeObject } from './kube-object.js';
import type { KubeTransport } from './transport.js';
import type { Cancel, Timers } from './timers.js';

/** One line of a watch. */
export type WatchEvent =
  | { readonly kind: 'put'; readonly object: KubeObject }
  | { readonly kind: 'removed'; readonly object: KubeObject }
  /** Nothing changed up to here; `isInitialEnd` ends the list that a watch began with. */
  | { readonly kind: 'bookmark'; readonly resourceVersion: string; readonly isInitialEnd: boolean };

interface WatchCall {
  readonly path: string;
  readonly query: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/**
 * The API server sends a bookmark about each minute; without any for so long the connection is dead, although nobody
 * closed it. Counted only once a bookmark has come: a server may send none.
 */
const silenceMs = 90_000;
/** Grace beyond the time after which the server itself ends a watch. */
const graceMs = 30_000;
/** Longest wait for the head of the answer. */
const headMs = 30_000;

const initialEnd = 'k8s.io/initial-events-end';

/** Reads one watch to its end. @throws {KubeApiError} when it is refused, breaks, falls silent or reports an error */
export async function* watchStream(
  transport: KubeTransport,
  timers: Timers,
  call: WatchCall & { readonly timeoutSeconds: number },
): AsyncGenerator<WatchEvent> {
  const { path, signal, timeoutSeconds } = call;
  const query = { ...call.query, watch: 'true', allowWatchBookmarks: 'true', timeoutSeconds: String(timeoutSeconds) };
  const response = await transport.stream({ method: 'GET', path, query, signal, deadlineMs: headMs });
  const dog = new Watchdog(timers, response, timeoutSeconds * 1000 + graceMs);
  try {
    for await (const line of jsonLines(response)) {
      const event = parseEvent(line);
      if (event === null) continue;
      dog.heard(event.kind === 'bookmark' && !event.isInitialEnd);
      yield event;
    }
  } catch (error) {
    if (error instanceof KubeApiError) throw error;
    throw new KubeApiError({ status: 0, reason: 'NoAnswer', message: `watch of ${path} broke`, cause: error });
  } finally {
    dog.end();
    response.destroy();
  }
}

/** Breaks a connection that says nothing. */
class Watchdog {
  private cancel: Cancel;
  private hasBookmarks = false;

  constructor(
    private readonly timers: Timers,
    private readonly response: IncomingMessage,
    longestMs: number,
  ) {
    this.cancel = this.guard(longestMs);
  }

  heard(isBookmark: boolean): void {
    this.hasBookmarks ||= isBookmark;
    if (!this.hasBookmarks) return;
    this.cancel();
    this.cancel = this.guard(silenceMs);
  }

  end(): void {
    this.cancel();
  }

  private guard(ms: number): Cancel {
    const silent = new KubeApiError({ status: 0, reason: 'Silent', message: `the watch said nothing for ${ms} ms` });
    return this.timers.after(ms, () => this.response.destroy(silent));
  }
}

/** @throws {KubeApiError} for an ERROR event */
function parseEvent(line: unknown): WatchEvent | null {
  const { type, object } = line as { type: string; object: KubeObject & { code?: number } };
  switch (type) {
    case 'ADDED':
    case 'MODIFIED':
      return { kind: 'put', object };
    case 'DELETED':
      return { kind: 'removed', object };
    case 'BOOKMARK': {
      const { resourceVersion = '', annotations } = object.metadata;
      return { kind: 'bookmark', resourceVersion, isInitialEnd: annotations?.[initialEnd] === 'true' };
    }
    case 'ERROR':
      throw errorFromBody(object.code ?? 500, JSON.stringify(object));
    default:
      return null;
  }
}
