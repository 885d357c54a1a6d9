// A model server that streams so many words, one each so many ms: both are given as arguments.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serveBench } from './child.js';

const words = Number(process.argv[2]);
const everyMs = Number(process.argv[3]);

const server = createServer((request, response) => {
  request.resume();
  if (request.method !== 'POST') {
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end('{"object":"list","data":[{"id":"words","object":"model"}]}');
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  let sent = 0;
  const chunk = (delta: object, finish: string | null) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 0, model: 'words', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const timer = setInterval(() => {
    sent += 1;
    response.write(chunk({ content: 'word ' }, null));
    if (sent < words) return;
    clearInterval(timer);
    response.end(`${chunk({}, 'stop')}data: [DONE]\n\n`);
  }, everyMs);
  response.on('close', () => clearInterval(timer));
}).listen(0, '127.0.0.1', () => serveBench((server.address() as AddressInfo).port));
process.on('SIGTERM', () => process.exit(0));
