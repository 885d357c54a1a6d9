import type { Clock } from '#libs/kernel/clock.js';
import type { BackendFailure } from '../domain/backend-failure.js';
import { JsonMeter } from '../domain/json-meter.js';
import type { ReplyMeter } from '../domain/reply-meter.js';
import { SseMeter } from '../domain/sse-meter.js';
import type { ClientReply, ReplyHead } from '../ports/client-reply.js';
import type { ReplySink, ServerReplyHead } from '../ports/model-server.js';

/** How one attempt ended. `hasBegun`: the client has seen bytes of it, so that nothing can be tried any more. */
export type RelayEnd =
  | { readonly kind: 'complete' }
  | { readonly kind: 'aborted' }
  | { readonly kind: 'failed'; readonly failure: BackendFailure; readonly hasBegun: boolean };

export interface RelayOptions {
  readonly head: Omit<ReplyHead, 'contentType' | 'contentLength'>;
  /** The router asked for the usage event, not the client. */
  readonly dropsUsage: boolean;
}

/** Starts of an event that reports an error within HTTP 200. */
const errorEvent = /^(event:\s*error|data:\s*\{\s*"error")/;
const errorEventBytes = 32;

/** Passes the reply of one attempt on to the client and meters it on the way. */
export class Relay implements ReplySink {
  readonly ended: Promise<RelayEnd>;
  /** Null until the first byte. */
  meter: ReplyMeter | null = null;
  firstByteAt: Date | null = null;
  private resolve: (end: RelayEnd) => void = () => undefined;
  private isOver = false;
  private serverHead: ServerReplyHead = { contentType: 'application/json', contentLength: null };

  constructor(
    private readonly reply: ClientReply,
    private readonly options: RelayOptions,
    private readonly clock: Clock,
  ) {
    this.ended = new Promise((resolve) => (this.resolve = resolve));
  }

  head(head: ServerReplyHead): void {
    this.serverHead = head;
  }

  chunk(bytes: Buffer): boolean {
    if (this.isOver) return true;
    const meter = this.meter ?? this.begin(bytes);
    if (meter === null) return true;
    const passed = meter.push(bytes);
    return passed === null || this.reply.write(passed);
  }

  end(): void {
    if (this.isOver) return;
    const meter = this.meter ?? this.begin(Buffer.alloc(0));
    if (meter === null) return;
    const rest = meter.end();
    if (rest !== null) this.reply.write(rest);
    if (!meter.isComplete()) return this.fail({ kind: 'broken', reason: 'the stream ended early' });
    this.reply.end();
    this.finish({ kind: 'complete' });
  }

  fail(failure: BackendFailure): void {
    this.finish({ kind: 'failed', failure, hasBegun: this.meter !== null });
  }

  abort(): void {
    this.finish({ kind: 'aborted' });
  }

  private begin(first: Buffer): ReplyMeter | null {
    const isStream = this.serverHead.contentType.startsWith('text/event-stream');
    if (isStream && errorEvent.test(first.toString('latin1', 0, errorEventBytes))) {
      this.fail({ kind: 'refused', status: 500, message: '', field: null, retryAfterMs: null });
      return null;
    }
    this.firstByteAt = this.clock.now();
    this.meter = isStream ? new SseMeter(this.options.dropsUsage) : new JsonMeter();
    // Bytes of a stream may be dropped on the way: its length is not the server's.
    const contentLength = isStream ? null : this.serverHead.contentLength;
    this.reply.begin({ ...this.options.head, contentType: this.serverHead.contentType, contentLength });
    return this.meter;
  }

  private finish(end: RelayEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.resolve(end);
  }
}
