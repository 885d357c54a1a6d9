// A process of its own: `node llama-face.js <folder of node-llama-cpp> <model file>`. Sends `{ port }` when ready.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The part of node-llama-cpp that is used here. */
interface Sequence {
  dispose(): void;
  evaluate(
    tokens: readonly number[],
    options: { temperature: number; seed: number },
  ): AsyncGenerator<number, void, undefined>;
}
interface Model {
  tokenize(text: string, special?: boolean): number[];
  detokenize(tokens: readonly number[]): string;
  isEogToken(token: number): boolean;
  createContext(options: {
    contextSize: number;
    sequences: number;
    threads: number;
  }): Promise<{ getSequence(): Sequence }>;
  createEmbeddingContext(): Promise<{ getEmbeddingFor(text: string): Promise<{ vector: readonly number[] }> }>;
}
interface Engine {
  getLlama(options: object): Promise<{ loadModel(options: { modelPath: string }): Promise<Model> }>;
}
interface ChatBody {
  readonly model?: string;
  readonly messages?: readonly { role: string; content: string }[];
  readonly stream?: boolean;
  readonly stream_options?: { include_usage?: boolean };
  readonly max_tokens?: number;
  readonly temperature?: number;
  readonly seed?: number;
  readonly input?: string | readonly string[];
}

const [folder = '', modelPath = ''] = process.argv.slice(2);
const entry = pathToFileURL(join(folder, 'node_modules/node-llama-cpp/dist/index.js')).href;
const { getLlama } = (await import(entry)) as Engine;
// One thread: more would spin against each other on a busy machine, a hundred times as slow for so small a model.
const llama = await getLlama({ maxThreads: 1, gpu: false, build: 'never', skipDownload: true, logLevel: 'error' });
const model = await llama.loadModel({ modelPath });
const context = await model.createContext({ contextSize: 1_024, sequences: 1, threads: 1 });
const embeddings = await model.createEmbeddingContext();
/** The pool of sequences is fixed: calls stand in line. */
let line: Promise<unknown> = Promise.resolve();

const server = createServer((request, response) => {
  void serve(request, response).catch((error: unknown) => {
    if (!response.headersSent) reply(response, 500, { error: { message: String(error) } });
    else response.destroy();
  });
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.url === '/v1/models') {
    return reply(response, 200, { object: 'list', data: [{ id: 'tiny-llama', object: 'model' }] });
  }
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = JSON.parse(Buffer.concat(chunks).toString()) as ChatBody;
  const turn = line.then(() => (request.url === '/v1/embeddings' ? embed(body, response) : chat(body, response)));
  line = turn.catch(() => undefined);
  await turn;
}

function reply(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

async function embed(body: ChatBody, response: ServerResponse): Promise<void> {
  const inputs = typeof body.input === 'string' ? [body.input] : (body.input ?? []);
  const data = [];
  for (const [index, input] of inputs.entries()) {
    const { vector } = await embeddings.getEmbeddingFor(input);
    data.push({ object: 'embedding', index, embedding: [...vector] });
  }
  const tokens = inputs.reduce((sum, input) => sum + model.tokenize(input).length, 0);
  reply(response, 200, {
    object: 'list',
    model: body.model,
    data,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  });
}

async function chat(body: ChatBody, response: ServerResponse): Promise<void> {
  const prompt = (body.messages ?? []).map(({ role, content }) => `${role}: ${content}\n`).join('');
  // Ends with a letter: the model has learned letter pairs, and nothing of the tokenizer's mark for a blank.
  const tokens = [1, ...model.tokenize(`${prompt}assistant`)];
  const base = { id: 'chatcmpl-llama', created: Math.floor(Date.now() / 1_000), model: body.model };
  const send = (part: object) =>
    response.write(`data: ${JSON.stringify({ ...base, object: 'chat.completion.chunk', ...part })}\n\n`);
  if (body.stream === true) response.writeHead(200, { 'content-type': 'text/event-stream' });
  let text = '';
  let count = 0;
  const sequence = context.getSequence();
  try {
    const options = { temperature: body.temperature ?? 0.8, seed: body.seed ?? 1 };
    for await (const token of sequence.evaluate(tokens, options)) {
      if (response.destroyed || model.isEogToken(token) || count >= (body.max_tokens ?? 64)) break;
      count += 1;
      const piece = model.detokenize([token]);
      text += piece;
      if (body.stream === true) send({ choices: [{ index: 0, delta: { content: piece }, finish_reason: null }] });
    }
  } finally {
    sequence.dispose();
  }
  const usage = { prompt_tokens: tokens.length, completion_tokens: count, total_tokens: tokens.length + count };
  if (body.stream !== true) {
    const choices = [{ index: 0, message: { role: 'assistant', content: text }, finish_reason: 'stop' }];
    return reply(response, 200, { ...base, object: 'chat.completion', choices, usage });
  }
  send({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
  if (body.stream_options?.include_usage === true) send({ choices: [], usage });
  response.end('data: [DONE]\n\n');
}
