import { pause } from '#libs/kernel/abort.js';
import type { BackendDefinition, BackendModel } from '#libs/inference/domain/backend.js';
import type { Attempt, ModelServer, ReplySink, ServerRequest } from '#libs/inference/ports/model-server.js';
import { demoAnswer, wantsError, type DemoAnswer } from './demo-text.js';
import { readDemoRequest, type DemoRequest } from './demo-request.js';
import { chunkEvent, completionReply, usageEvent } from './demo-wire.js';

/** Answers in OpenAI's format about Whisper itself, without any model. */
export class DemoServer implements ModelServer {
  send(request: ServerRequest, sink: ReplySink): Attempt {
    const attempt = new DemoAttempt(sink);
    void attempt.run(request);
    return attempt;
  }

  models(backend: BackendDefinition): Promise<readonly BackendModel[]> {
    return Promise.resolve(backend.models ?? []);
  }
}

class DemoAttempt implements Attempt {
  private readonly left = new AbortController();
  private wake: () => void = () => undefined;

  constructor(private readonly sink: ReplySink) {}

  resume(): void {
    this.wake();
  }

  abort(): void {
    this.left.abort();
    this.wake();
  }

  async run({ body, path }: ServerRequest): Promise<void> {
    // The caller gets its handle before the first byte, as with a real server.
    await pause(0);
    const request = path === 'chat/completions' ? readDemoRequest(body) : null;
    if (this.left.signal.aborted) return;
    if (request === null) return this.refuse(400, 'The demo responder only answers chat messages.');
    if (wantsError(request.question)) return this.refuse(500, 'This error was asked for with !error.');
    const answer = demoAnswer(request.question);
    if (request.stream) await this.stream(request, answer);
    else this.whole(request, answer);
  }

  private refuse(status: number, message: string): void {
    this.sink.fail({ kind: 'refused', status, message, field: null, retryAfterMs: null });
  }

  private whole(request: DemoRequest, answer: DemoAnswer): void {
    const bytes = completionReply(request, answer.text);
    this.sink.head({ contentType: 'application/json', contentLength: bytes.length });
    this.sink.chunk(bytes);
    this.sink.end();
  }

  private async stream(request: DemoRequest, answer: DemoAnswer): Promise<void> {
    this.sink.head({ contentType: 'text/event-stream; charset=utf-8', contentLength: null });
    const words = answer.text.match(/\S+\s*/g) ?? [];
    for (const word of words) {
      await pause(answer.wordMs, this.left.signal);
      if (!(await this.pass(chunkEvent(request, { content: word }, null)))) return;
    }
    if (!(await this.pass(chunkEvent(request, {}, 'stop')))) return;
    if (request.wantsUsage && !(await this.pass(usageEvent(request, words.length)))) return;
    if (await this.pass(Buffer.from('data: [DONE]\n\n'))) this.sink.end();
  }

  /** False when the client has left. */
  private async pass(bytes: Buffer): Promise<boolean> {
    if (this.left.signal.aborted) return false;
    if (!this.sink.chunk(bytes)) await new Promise<void>((resolve) => (this.wake = resolve));
    return !this.left.signal.aborted;
  }
}
