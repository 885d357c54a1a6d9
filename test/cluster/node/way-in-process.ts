import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { KubeClient } from '#operator/runtime/client.js';
import { connectionOf } from '#operator/runtime/kubeconfig.js';
import { ResourceTable } from '#operator/runtime/resource-table.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { KubeTransport } from '#operator/runtime/transport.js';
import { wayFor, waysIn, type WayIn } from './way-in-rules.js';

// A stand-in for an ingress controller: sends requests from one port to Services, as the Ingress objects say. It
// listens on a socket file too, which the machine outside the node's network can reach.
const [kubeconfig = '', port = '', socketFile = ''] = process.argv.slice(2);
const pollMs = 500;
let ways: readonly WayIn[] = [];

const transport = new KubeTransport({ connection: connectionOf({ path: kubeconfig }), timers: new SystemTimers() });
const client = new KubeClient(transport, new ResourceTable(transport));
const kinds = [
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
];

async function look(): Promise<void> {
  try {
    const lists = await Promise.all(kinds.map((kind) => client.list(kind)));
    ways = waysIn(lists.flatMap(({ items }) => items) as unknown as Parameters<typeof waysIn>[0]);
  } catch {
    // The API server is away; what was known still holds.
  }
}

function wayOf({ headers, url = '/' }: IncomingMessage): WayIn | undefined {
  return wayFor(ways, headers.host ?? '', url.split('?')[0] ?? '/');
}

function forward(incoming: IncomingMessage, response: ServerResponse): void {
  const way = wayOf(incoming);
  if (way === undefined) return void response.writeHead(404).end('no Ingress for this host\n');
  const { method, url, headers } = incoming;
  const outgoing = request({ host: way.address, port: way.port, method, path: url, headers, agent: false });
  outgoing.on('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.rawHeaders);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  outgoing.on('error', () => (response.headersSent ? response.destroy() : response.writeHead(502).end()));
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
}

function upgrade(incoming: IncomingMessage, socket: Socket, head: Buffer): void {
  const way = wayOf(incoming);
  if (way === undefined) return void socket.end('HTTP/1.1 404 Not Found\r\n\r\n');
  const lines = incoming.rawHeaders.flatMap((name, at, all) => (at % 2 === 0 ? [`${name}: ${all[at + 1]}`] : []));
  const outgoing = connect(way.port, way.address, () => {
    outgoing.write([`GET ${incoming.url} HTTP/1.1`, ...lines, '', ''].join('\r\n'));
    outgoing.write(head);
    outgoing.pipe(socket).pipe(outgoing);
  });
  for (const [end, other] of [
    [outgoing, socket],
    [socket, outgoing],
  ] as const) {
    end.on('error', () => other.destroy());
    end.on('close', () => other.destroy());
  }
}

await look();
void (async () => {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, pollMs));
    await look();
  }
})();
for (const place of [{ host: '0.0.0.0', port: Number(port) }, { path: socketFile }])
  createServer(forward).on('upgrade', upgrade).listen(place);
