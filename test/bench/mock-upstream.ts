// The model server of the bench: canned replies, so that it is never what is measured.
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveBench } from './child.js';

const words = 100;
const wordMs = 15;
const chunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1, model: 'tiny', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
const wordEvent = Buffer.from(chunk({ content: ' word' }, null));
const usage = { prompt_tokens: 3_387, completion_tokens: words, total_tokens: 3_387 + words };
const lastEvents = Buffer.from(
  `${chunk({}, 'stop')}data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', choices: [], usage })}\n\ndata: [DONE]\n\n`,
);
const plain = Buffer.from(
  JSON.stringify({
    id: 'chatcmpl-bench',
    object: 'chat.completion',
    created: 1,
    model: 'tiny',
    choices: [{ index: 0, message: { role: 'assistant', content: 'word '.repeat(380) }, finish_reason: 'stop' }],
    usage,
  }),
);
const models = Buffer.from(JSON.stringify({ object: 'list', data: [{ id: 'tiny' }] }));
const streamMark = Buffer.from('"stream":true');

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (bytes: Buffer) => chunks.push(bytes));
  request.on('end', () => {
    if (request.method === 'GET') return json(response, models);
    if (Buffer.concat(chunks).includes(streamMark)) return stream(response);
    json(response, plain);
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => serveBench((server.address() as AddressInfo).port));

function json(response: ServerResponse, bytes: Buffer): void {
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length });
  response.end(bytes);
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const next = () => {
    if (response.destroyed) return clearInterval(timer);
    if (sent === words) {
      clearInterval(timer);
      response.end(lastEvents);
      return;
    }
    sent += 1;
    response.write(wordEvent);
  };
  const timer = setInterval(next, wordMs);
  next();
}
