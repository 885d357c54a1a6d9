// The floor of the socket bench: `ws` alone, with a frame of the chat's size for each reader, as often as the chat sends.
import type { AddressInfo } from 'node:net';
import { WebSocketServer } from 'ws';
import { serveBench } from './child.js';

const frame = JSON.stringify({
  event: 'ev',
  data: {
    topic: `generation:${'0'.repeat(36)}`,
    epoch: 0,
    from: 100,
    to: 101,
    events: [{ kind: 'text-delta', text: 'some words of an answer ' }],
  },
});
/** The chat gathers text for 40 ms. */
const everyMs = 40;

const server = new WebSocketServer({ port: 0, host: '127.0.0.1', perMessageDeflate: false });
let timer: NodeJS.Timeout | undefined;
server.on('connection', (socket) =>
  socket.on('message', () => {
    timer ??= setInterval(() => {
      for (const reader of server.clients) reader.send(frame);
    }, everyMs);
  }),
);
server.on('listening', () => serveBench((server.address() as AddressInfo).port));
process.on('SIGTERM', () => process.exit(0));
