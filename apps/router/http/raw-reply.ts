import type { ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { replyHeaders } from '#libs/contracts/router-api.js';
import type { AppError } from '#libs/kernel/errors.js';
import { ClientReply, type ReplyHead } from '#libs/inference/ports/client-reply.js';
import { type RouterFace, toOpenAiError } from '#libs/platform/nest/openai-error.js';

/** Writes a reply to the socket itself, past Fastify, so that a chunk costs no more than its write. */
export class RawReply extends ClientReply {
  private readonly raw: ServerResponse;
  private isStream = false;
  private drained: () => void = () => undefined;

  constructor(
    private readonly reply: FastifyReply,
    private readonly face: RouterFace,
  ) {
    super();
    this.raw = reply.raw;
  }

  override begin(head: ReplyHead): void {
    this.isStream = head.contentType.startsWith('text/event-stream');
    this.reply.hijack();
    this.raw.on('drain', () => this.drained());
    this.raw.writeHead(200, headersOf(head, this.face));
  }

  override write(bytes: Buffer): boolean {
    // A zero-length write would still call back; an empty reply has nothing to send.
    return bytes.length === 0 || this.raw.write(bytes);
  }

  override end(): void {
    this.raw.end();
  }

  override fail(error: AppError): void {
    if (!this.isStream) {
      this.raw.destroy();
      return;
    }
    // The blank line first ends an event that was cut in the middle.
    this.raw.end(`\n\ndata: ${JSON.stringify(toOpenAiError(error, this.face))}\n\n`);
  }

  override onDrain(handler: () => void): void {
    this.drained = handler;
  }

  override onAbort(handler: () => void): void {
    if (this.raw.destroyed) return handler();
    this.raw.once('close', () => {
      if (!this.raw.writableFinished) handler();
    });
  }
}

/** Our own apps see all, the public what a client has a use for. */
function headersOf(head: ReplyHead, face: RouterFace): Record<string, string> {
  const headers: Record<string, string> = {
    'content-type': head.contentType,
    'cache-control': 'no-store',
    // Buffering proxies would keep the first tokens back.
    'x-accel-buffering': 'no',
    [replyHeaders.requestId]: head.requestId,
    [replyHeaders.model]: head.model,
  };
  if (head.contentLength !== null) headers['content-length'] = String(head.contentLength);
  if (head.isDemo) headers[replyHeaders.demo] = '1';
  if (face === 'public') return headers;
  headers[replyHeaders.backend] = head.backend;
  headers[replyHeaders.attempts] = String(head.attempts);
  headers[replyHeaders.price] = `${head.price.inputPerMillion},${head.price.outputPerMillion}`;
  if (head.fallbackFrom !== null) headers[replyHeaders.fallbackFrom] = head.fallbackFrom;
  return headers;
}
