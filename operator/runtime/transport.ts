import type { IncomingMessage } from 'node:http';
import { Agents } from './agents.js';
import type { Connection } from './connection.js';
import { Deadline, type HttpCall, readBody, send } from './http-call.js';
import { KubeApiError, errorFromBody } from './kube-api-error.js';
import type { ClientMetrics } from './runtime-metrics.js';
import { type Timers, sleep } from './timers.js';

/** A call to the API server. */
export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the server's address. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly signal?: AbortSignal;
  /** For the whole call with its repetitions. */
  readonly deadlineMs?: number;
  /** Another form of JSON than the usual one. */
  readonly accept?: string;
  /** True where doing it twice is the same as once, so that it may be sent again when its answer is lost. */
  readonly isIdempotent?: boolean;
  /** Called before each time it goes out; throws where it must not any more. */
  readonly guard?: () => void;
}

interface TransportOptions {
  readonly connection: Connection;
  readonly timers: Timers;
  readonly metrics?: ClientMetrics;
  readonly userAgent?: string;
  /** 0 to 1; tests give a fixed one. */
  readonly random?: () => number;
}

/** The API server ends a call of its own after 60 s; half of it is late enough to know that nobody answers. */
const defaultDeadlineMs = 30_000;
/** A lost answer or a 5xx is tried this often in all; then the work queue's own back-off is the better place. */
const attemptsOnLoss = 4;
/** client-go's number for 429 and other answers with Retry-After: the server says itself when to come back. */
const attemptsOnThrottle = 10;
const firstBackoffMs = 100;
const defaultRetryAfterMs = 1000;

/**
 * HTTPS to one API server over connections that are kept: client-node opens one for each call. Answers above 399
 * become KubeApiError; 429 waits as told, lost answers of idempotent calls are asked for again.
 */
export class KubeTransport {
  private readonly agents: Agents;
  private readonly random: () => number;

  constructor(private readonly options: TransportOptions) {
    this.agents = new Agents(options.connection);
    this.random = options.random ?? Math.random;
  }

  /** Sends a call and reads its JSON answer. @throws {KubeApiError} */
  async request(request: KubeRequest): Promise<unknown> {
    const limit = this.limited(request.deadlineMs ?? defaultDeadlineMs, request.signal);
    try {
      for (let attempt = 1; ; attempt += 1) {
        try {
          return await this.once(request, limit.signal);
        } catch (error) {
          const waitMs = this.pauseAfter(error, attempt, request);
          if (waitMs === null || limit.signal.aborted) throw error;
          await sleep(this.options.timers, waitMs, limit.signal);
          if (limit.signal.aborted) throw error;
        }
      }
    } finally {
      limit.end();
    }
  }

  /**
   * Opens a watch: the answer's body, line by line JSON. The head must come within `deadlineMs`; the body lasts until
   * it ends or `signal` aborts. Never repeated here. @throws {KubeApiError}
   */
  async stream(request: KubeRequest): Promise<IncomingMessage> {
    const limit = this.limited(request.deadlineMs ?? defaultDeadlineMs, request.signal);
    try {
      const call = await this.prepare(request, limit.signal, 'watches');
      const response = await this.counted(call);
      if ((response.statusCode ?? 0) > 399) throw await this.failure(call, response);
      limit.endTimer();
      response.once('close', limit.end);
      return response;
    } catch (error) {
      limit.end();
      throw error;
    }
  }

  /** Ends every connection, watches too. */
  close(): void {
    this.agents.close();
  }

  private async once(request: KubeRequest, signal: AbortSignal): Promise<unknown> {
    const call = await this.prepare(request, signal, 'calls');
    request.guard?.();
    const response = await this.counted(call);
    if ((response.statusCode ?? 0) > 399) throw await this.failure(call, response);
    const body = await readBody(call, response);
    try {
      return body === '' ? null : JSON.parse(body);
    } catch (cause) {
      const message = `${call.method} ${call.url.pathname}: the answer is not JSON`;
      throw new KubeApiError({ status: 0, reason: 'NoAnswer', message, cause });
    }
  }

  private async prepare(request: KubeRequest, signal: AbortSignal, kind: 'calls' | 'watches'): Promise<HttpCall> {
    const agents = await this.agents.get();
    const url = new URL(this.options.connection.server + request.path);
    for (const [name, value] of Object.entries(request.query ?? {}))
      if (value !== undefined) url.searchParams.set(name, value);
    const headers: Record<string, string> = {
      accept: request.accept ?? 'application/json',
      'user-agent': this.options.userAgent ?? 'whisper-operator',
      ...agents.headers,
    };
    if (request.body !== undefined) headers['content-type'] = request.contentType ?? 'application/json';
    const body = request.body === undefined ? {} : { body: JSON.stringify(request.body) };
    return { url, method: request.method, headers, agent: agents[kind], signal, ...body };
  }

  private async counted(call: HttpCall): Promise<IncomingMessage> {
    const count = (code: string) =>
      this.options.metrics?.requests.inc({ code, method: call.method, host: call.url.host });
    try {
      const response = await send(call);
      count(String(response.statusCode));
      return response;
    } catch (error) {
      count('<error>');
      throw error;
    }
  }

  private async failure(call: HttpCall, response: IncomingMessage): Promise<KubeApiError> {
    const seconds = Number(response.headers['retry-after']);
    const retryAfterMs = Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
    return errorFromBody(response.statusCode ?? 0, await readBody(call, response), retryAfterMs);
  }

  /** How long to wait before the same call goes out again; null when it must not. */
  private pauseAfter(error: unknown, attempt: number, request: KubeRequest): number | null {
    if (!(error instanceof KubeApiError) || error.reason === 'Deadline') return null;
    const isTold = error.status === 429 || (error.status >= 500 && error.retryAfterMs !== undefined);
    if (isTold && attempt < attemptsOnThrottle)
      return (error.retryAfterMs ?? defaultRetryAfterMs) * (1 + this.random() / 4);
    const isLost = error.status === 0 || error.status >= 500;
    if (!isLost || !(request.isIdempotent ?? request.method === 'GET') || attempt >= attemptsOnLoss) return null;
    return firstBackoffMs * 2 ** attempt * this.random();
  }

  /** A signal that aborts with the caller's, or after `ms`. */
  private limited(ms: number, outer?: AbortSignal) {
    const controller = new AbortController();
    const onAbort = () => controller.abort(outer?.reason);
    if (outer?.aborted === true) onAbort();
    outer?.addEventListener('abort', onAbort, { once: true });
    const endTimer = this.options.timers.after(ms, () => controller.abort(new Deadline(ms)));
    const end = () => {
      endTimer();
      outer?.removeEventListener('abort', onAbort);
    };
    return { signal: controller.signal, endTimer, end };
  }
}
