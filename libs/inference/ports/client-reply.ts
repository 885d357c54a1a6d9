import type { AppError } from '#libs/kernel/errors.js';
import type { ModelPrice } from '../domain/money.js';

/** How a call went, for the reply's headers. */
export interface ReplyHead {
  readonly requestId: string;
  readonly model: string;
  readonly backend: string;
  readonly isDemo: boolean;
  readonly attempts: number;
  readonly price: ModelPrice;
  /** The model asked for, where another one answers. */
  readonly fallbackFrom: string | null;
  readonly contentType: string;
  readonly contentLength: number | null;
}

/** The way back to whoever called. Before `begin` an error can still become a status; after it, only `fail`. */
export abstract class ClientReply {
  abstract begin(head: ReplyHead): void;
  /** False when the client reads slower than we write: wait for `onDrain`. */
  abstract write(bytes: Buffer): boolean;
  abstract end(): void;
  /** Ends a reply that has begun: a stream with an error event, anything else by cutting the connection. */
  abstract fail(error: AppError): void;
  abstract onDrain(handler: () => void): void;
  /** The client went away before the end of the reply. Called at most once, at once if it is gone already. */
  abstract onAbort(handler: () => void): void;
}
