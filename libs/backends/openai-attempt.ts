import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { BackendFailure } from '#libs/inference/domain/backend-failure.js';
import type { Attempt, ReplySink, ServerRequest } from '#libs/inference/ports/model-server.js';
import { AttemptDeadlines } from './attempt-deadlines.js';
import { readRefusal, retryAfterMs } from './refusal.js';

type Controller = Dispatcher.DispatchController;

/** Most of an error body that is read; OpenAI's are under 1 kB. */
const maxErrorBytes = 65_536;

/** One request to an OpenAI-compatible server, as undici's dispatch drives it. */
export class OpenAiAttempt implements Attempt, Dispatcher.DispatchHandler {
  private readonly deadlines: AttemptDeadlines;
  private controller: Controller | null = null;
  private isOver = false;
  private refusal: { status: number; retryAfterMs: number | null; chunks: Buffer[]; bytes: number } | null = null;

  constructor(
    request: ServerRequest,
    private readonly sink: ReplySink,
  ) {
    this.deadlines = new AttemptDeadlines(request.deadlines, (phase) => this.end({ kind: 'timeout', phase }));
  }

  onRequestStart(controller: Controller): void {
    this.controller = controller;
    if (this.isOver) controller.abort(new AttemptEnded());
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (this.isOver || status < 200) return;
    if (status >= 300) {
      this.refusal = { status, retryAfterMs: retryAfterMs(headers['retry-after']), chunks: [], bytes: 0 };
      return;
    }
    const length = Number(headers['content-length'] ?? Number.NaN);
    this.sink.head({
      contentType: headers['content-type'] ?? 'application/json',
      contentLength: Number.isInteger(length) ? length : null,
    });
  }

  onResponseData(controller: Controller, chunk: Buffer): void {
    if (this.isOver) return;
    this.deadlines.progress();
    if (this.refusal !== null) return this.keepRefusal(chunk);
    if (this.sink.chunk(chunk)) return;
    this.deadlines.pause();
    controller.pause();
  }

  onResponseEnd(): void {
    if (this.isOver) return;
    if (this.refusal !== null) return this.end(this.refused());
    this.isOver = true;
    this.deadlines.stop();
    this.sink.end();
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.end(failureOf(error));
  }

  resume(): void {
    if (this.isOver || this.controller?.paused !== true) return;
    this.deadlines.resume();
    this.controller.resume();
  }

  abort(): void {
    this.isOver = true;
    this.deadlines.stop();
    this.controller?.abort(new AttemptEnded());
  }

  private end(failure: BackendFailure): void {
    if (this.isOver) return;
    this.abort();
    this.sink.fail(failure);
  }

  private keepRefusal(chunk: Buffer): void {
    if (this.refusal === null) return;
    this.refusal.chunks.push(chunk);
    this.refusal.bytes += chunk.length;
    if (this.refusal.bytes > maxErrorBytes) this.end(this.refused());
  }

  private refused(): BackendFailure {
    const { status = 502, retryAfterMs: wait = null, chunks = [] } = this.refusal ?? {};
    return { kind: 'refused', status, retryAfterMs: wait, ...readRefusal(Buffer.concat(chunks)) };
  }
}

/** Tells undici why a request ends; nobody ever sees it. */
class AttemptEnded extends Error {}

const connectTimeout = 'UND_ERR_CONNECT_TIMEOUT';
/** Errors of a connection that never came about. */
const unreachable = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
  'ERR_INVALID_URL',
]);

/** What an error of undici or of the socket stands for. */
export function failureOf(error: Error): BackendFailure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  if (code === connectTimeout) return { kind: 'timeout', phase: 'connect' };
  if (unreachable.has(code) || /CERT|TLS|SSL/.test(code)) return { kind: 'unreachable', reason: code };
  return { kind: 'broken', reason: code };
}
