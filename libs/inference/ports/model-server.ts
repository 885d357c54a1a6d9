import type { BackendDefinition, BackendModel } from '../domain/backend.js';
import type { BackendFailure } from '../domain/backend-failure.js';

/** Longest waits of one attempt, in ms. */
export interface Deadlines {
  readonly connectMs: number;
  /** From sending the request to the first byte of the reply's body. */
  readonly firstTokenMs: number;
  /** Between two chunks. */
  readonly idleMs: number;
  readonly totalMs: number;
}

/** A request on its way to a model server. */
export interface ServerRequest {
  readonly backend: BackendDefinition;
  readonly apiKey: string | null;
  readonly path: 'chat/completions' | 'embeddings';
  readonly body: Buffer;
  readonly deadlines: Deadlines;
  /** W3C trace context to pass on. */
  readonly traceparent: string | null;
}

export interface ServerReplyHead {
  readonly contentType: string;
  /** Length of the body, where the server said it. */
  readonly contentLength: number | null;
}

/**
 * Takes the reply of a model server. `head`, then any number of `chunk`, then exactly one of `end` and `fail`;
 * `fail` may come at any time, and nothing comes after it.
 */
export interface ReplySink {
  head(head: ServerReplyHead): void;
  /** False asks for a pause: no further chunk is read from the server until `resume`. */
  chunk(bytes: Buffer): boolean;
  end(): void;
  /** A reply with an error status arrives here too, as `refused`. */
  fail(failure: BackendFailure): void;
}

export interface Attempt {
  resume(): void;
  /** Ends the connection to the server at once. Nothing reaches the sink afterwards. */
  abort(): void;
}

/** Speaks to model servers. Adapters pass bodies and replies on byte for byte and under backpressure. */
export abstract class ModelServer {
  abstract send(request: ServerRequest, sink: ReplySink): Attempt;
  /**
   * The models the server offers.
   * @throws {AppError} backend_unavailable, backend_timeout or backend_refused, with words for an administrator
   */
  abstract models(backend: BackendDefinition, apiKey: string | null): Promise<readonly BackendModel[]>;
}
