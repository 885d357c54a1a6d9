import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AddressInfo } from 'node:net';

/** How the fake behaves for a model. Everything left out is what a healthy server does. */
export interface ModelScript {
  readonly words?: readonly string[];
  /** Pause before each word, in ms. */
  readonly wordMs?: number;
  /** Pause before the first byte of the reply, in ms. */
  readonly firstTokenMs?: number;
  /** Say nothing more after so many words, for ever. */
  readonly stallAfter?: number;
  /** Say nothing more after so many words, until the promise resolves. */
  readonly waitAfter?: { readonly words: number; readonly until: Promise<void> };
  /** Cut the connection after so many words. */
  readonly dieAfter?: number;
  /** End the stream after so many words without `[DONE]`, as if all were well. */
  readonly endEarlyAfter?: number;
  /** What it says about usage: the truth, nothing, or something else. */
  readonly usage?: 'honest' | 'none' | Readonly<Record<string, unknown>>;
  /** Answer the first so many requests with `status`, all when left out and `status` is set. */
  readonly failFirst?: number;
  readonly status?: number;
  readonly errorBody?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Report an error inside a 200 stream, as its first event. */
  readonly errorEvent?: boolean;
}

export interface RecordedRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
  readonly json: Record<string, unknown>;
  readonly startedAt: number;
  /** When the caller went away before the end of the reply (`performance.now()`). */
  abortedAt: number | null;
  finishedAt: number | null;
  wordsSent: number;
}

const usualWords = ['Hello', ' from', ' a', ' scripted', ' model', '.'];

/** An OpenAI-compatible server on loopback that can stall, die, refuse and lie, and remembers what it was asked. */
export class FakeModelServer {
  readonly requests: RecordedRequest[] = [];
  private readonly scripts = new Map<string, ModelScript>();
  private readonly failures = new Map<string, number>();
  /** What `GET /v1/models` lists. */
  models: string[];
  /** Key it demands, where set. */
  apiKey: string | null = null;

  private constructor(
    private readonly server: Server,
    models: readonly string[],
  ) {
    this.models = [...models];
    server.on('request', (request, response) => void this.serve(request, response).catch(() => response.destroy()));
  }

  static async start(options: { models?: readonly string[]; port?: number } = {}): Promise<FakeModelServer> {
    const server = createServer();
    const fake = new FakeModelServer(server, options.models ?? ['tiny', 'tiny-embed']);
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(options.port ?? 0, '127.0.0.1', resolve);
    });
    return fake;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  /** Base URL up to and with `/v1`. */
  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  script(model: string, script: ModelScript): void {
    this.scripts.set(model, script);
    this.failures.set(model, script.failFirst ?? (script.status === undefined ? 0 : Number.POSITIVE_INFINITY));
  }

  /** Requests for completions and embeddings, in order. */
  get calls(): RecordedRequest[] {
    return this.requests.filter(({ method }) => method === 'POST');
  }

  get lastCall(): RecordedRequest {
    const call = this.calls.at(-1);
    if (call === undefined) throw new Error('the fake was not called');
    return call;
  }

  reset(): void {
    this.requests.length = 0;
    this.scripts.clear();
    this.failures.clear();
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const recorded = await record(request);
    this.requests.push(recorded);
    response.on('close', () => {
      if (response.writableFinished) recorded.finishedAt = performance.now();
      else recorded.abortedAt = performance.now();
    });
    if (this.apiKey !== null && request.headers.authorization !== `Bearer ${this.apiKey}`)
      return json(response, 401, { error: { message: 'Incorrect API key provided', type: 'invalid_request_error' } });
    if (recorded.path === '/v1/models')
      return json(response, 200, { object: 'list', data: this.models.map((id) => ({ id, object: 'model' })) });
    await this.answer(recorded, response);
  }

  private async answer(recorded: RecordedRequest, response: ServerResponse): Promise<void> {
    const model = String(recorded.json['model']);
    const script = this.scripts.get(model) ?? {};
    const failures = this.failures.get(model) ?? 0;
    if (script.firstTokenMs !== undefined) await sleep(script.firstTokenMs);
    if (failures > 0) {
      this.failures.set(model, failures - 1);
      const status = script.status ?? 500;
      return json(response, status, script.errorBody ?? { error: { message: `scripted ${status}` } }, script.headers);
    }
    if (recorded.path === '/v1/embeddings') return embed(recorded, response, script);
    if (recorded.json['stream'] === true) return stream(recorded, response, script);
    return whole(recorded, response, script);
  }
}

async function record(request: IncomingMessage): Promise<RecordedRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body,
    json: body.length === 0 ? {} : (JSON.parse(body.toString()) as Record<string, unknown>),
    startedAt: performance.now(),
    abortedAt: null,
    finishedAt: null,
    wordsSent: 0,
  };
}

function json(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}) {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(text);
}

/** The fake counts a token for each word of the answer, and one for four bytes of the request. */
function usageOf(recorded: RecordedRequest, words: number, script: ModelScript): object {
  if (script.usage === 'none') return {};
  if (typeof script.usage === 'object') return { usage: script.usage };
  const prompt = Math.ceil(recorded.body.length / 4);
  return { usage: { prompt_tokens: prompt, completion_tokens: words, total_tokens: prompt + words } };
}

/** Cuts the connection once what was written has left. */
async function cut(response: ServerResponse): Promise<void> {
  await sleep(20);
  response.destroy();
}

/** A request with tools is answered by a call of the first one, so that tools are seen to arrive. */
function messageOf(recorded: RecordedRequest, words: readonly string[]): object {
  const tools = recorded.json['tools'];
  if (!Array.isArray(tools)) return { role: 'assistant', content: words.join('') };
  const [tool] = tools as { function: { name: string } }[];
  const call = { id: 'call_1', type: 'function', function: { name: tool?.function.name, arguments: '{"echo":true}' } };
  return { role: 'assistant', content: null, tool_calls: [call] };
}

function whole(recorded: RecordedRequest, response: ServerResponse, script: ModelScript): void {
  const words = script.words ?? usualWords;
  json(response, 200, {
    id: 'chatcmpl-fake',
    object: 'chat.completion',
    created: 1,
    model: recorded.json['model'],
    choices: [
      {
        index: 0,
        message: messageOf(recorded, words),
        finish_reason: 'stop',
        logprobs: recorded.json['logprobs'] ?? null,
      },
    ],
    ...usageOf(recorded, words.length, script),
  });
}

async function stream(recorded: RecordedRequest, response: ServerResponse, script: ModelScript): Promise<void> {
  const words = script.words ?? usualWords;
  const base = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: 1, model: recorded.json['model'] };
  const send = (body: object) => response.write(`data: ${JSON.stringify({ ...base, ...body })}\n\n`);
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  if (script.errorEvent === true) {
    response.end('data: {"error":{"message":"scripted error","code":500}}\n\n');
    return;
  }
  for (const [index, word] of words.entries()) {
    if (script.dieAfter === index) return cut(response);
    if (script.endEarlyAfter === index) return void response.end();
    if (script.stallAfter === index) return;
    if (script.waitAfter?.words === index) await script.waitAfter.until;
    if (script.wordMs !== undefined) await sleep(script.wordMs);
    if (response.destroyed) return;
    recorded.wordsSent += 1;
    const isFull = !send({ choices: [{ index: 0, delta: { content: word }, finish_reason: null }] });
    if (isFull) await new Promise((resolve) => response.once('drain', resolve).once('close', resolve));
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  const options = recorded.json['stream_options'] as { include_usage?: boolean } | undefined;
  if (options?.include_usage === true && script.usage !== 'none') {
    send({ choices: [], ...usageOf(recorded, words.length, script) });
  }
  response.end('data: [DONE]\n\n');
}

function embed(recorded: RecordedRequest, response: ServerResponse, script: ModelScript): void {
  const { input } = recorded.json;
  const inputs: unknown[] = Array.isArray(input) ? input : [input];
  const prompt = Math.ceil(recorded.body.length / 4);
  const usage = script.usage === 'none' ? {} : { usage: { prompt_tokens: prompt, total_tokens: prompt } };
  const vectors = inputs.map((_, index) => ({ object: 'embedding', index, embedding: vectorOf(recorded, index) }));
  json(response, 200, { object: 'list', model: recorded.json['model'], data: vectors, ...usage });
}

/** OpenAI's client asks for base64 by default. */
function vectorOf(recorded: RecordedRequest, index: number): number[] | string {
  const vector = [index, 0.25, -0.5, 1];
  if (recorded.json['encoding_format'] !== 'base64') return vector;
  return Buffer.from(Float32Array.from(vector).buffer).toString('base64');
}
