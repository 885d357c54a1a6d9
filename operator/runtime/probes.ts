import { once } from 'node:events';
import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

/** One question of a probe: null when all is well, else what is wrong. */
export type Check = () => string | null;

interface ProbeOptions {
  /** 0: any free one. */
  readonly port: number;
  readonly host: string;
  /** A failing one has the process started anew: only for what a restart mends. */
  readonly live: Readonly<Record<string, Check>>;
  /** A failing one says "not yet". */
  readonly ready: Readonly<Record<string, Check>>;
  readonly registry: Registry;
  /** Called before the metrics are written, to bring gauges up to date. */
  readonly measure?: () => void;
}

/** The server that answers the kubelet and Prometheus: /livez, /readyz and /metrics. */
export interface Probes {
  readonly port: number;
  close(): Promise<void>;
}

/** Starts it. Names of checks are in the answer, one a line, as the API server's own probes do. */
export async function startProbes(options: ProbeOptions): Promise<Probes> {
  const server = createServer((request, response) => void answer(options, request, response));
  server.listen(options.port, options.host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function answer(options: ProbeOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = new URL(request.url ?? '/', 'http://probe').pathname;
  if (request.method !== 'GET' && request.method !== 'HEAD') return end(response, 405, 'use GET\n');
  if (path === '/livez') return tell(response, options.live);
  if (path === '/readyz') return tell(response, options.ready);
  if (path !== '/metrics') return end(response, 404, 'there are /livez, /readyz and /metrics\n');
  options.measure?.();
  response.setHeader('content-type', options.registry.contentType);
  end(response, 200, await options.registry.metrics());
}

function tell(response: ServerResponse, checks: Readonly<Record<string, Check>>): void {
  const answers = Object.entries(checks).map(([name, check]) => ({ name, trouble: check() }));
  const lines = answers.map(({ name, trouble }) =>
    trouble === null ? `[+]${name} ok` : `[-]${name} failed: ${trouble}`,
  );
  const isWell = answers.every(({ trouble }) => trouble === null);
  end(response, isWell ? 200 : 503, `${[...lines, isWell ? 'ok' : 'not ok'].join('\n')}\n`);
}

function end(response: ServerResponse, status: number, body: string): void {
  if (!response.hasHeader('content-type')) response.setHeader('content-type', 'text/plain; charset=utf-8');
  response.writeHead(status).end(body);
}
