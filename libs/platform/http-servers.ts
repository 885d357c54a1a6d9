import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { AppError } from '#libs/kernel/errors.js';

type Handle = (request: IncomingMessage, response: ServerResponse) => void;
type Upgrade = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A server that listens on one port and hands everything on. */
export interface HttpServer {
  readonly server: Server;
  /** Stops to accept, lets running requests end for `graceMs`, then cuts them. */
  close(graceMs: number): Promise<void>;
}

/** How often a server that closes looks for connections that nobody uses any more. */
const sweepMs = 250;

/**
 * Listens on a port.
 * @throws {AppError} port_in_use naming the port
 */
export async function listen(
  address: { host: string; port: number },
  handle: Handle,
  upgrade?: Upgrade,
): Promise<HttpServer> {
  const server = createServer(
    { keepAliveTimeout: 65_000, headersTimeout: 20_000, requestTimeout: 120_000, noDelay: true },
    handle,
  );
  if (upgrade !== undefined) server.on('upgrade', upgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE')
        reject(
          new AppError('port_in_use', `Port ${address.port} of ${address.host} is taken by another program.`, {
            field: 'port',
            cause: error,
          }),
        );
      else
        reject(
          new AppError('start_failed', `Cannot listen on ${address.host}:${address.port}: ${error.message}.`, {
            field: 'host',
            cause: error,
          }),
        );
    });
    server.listen(address.port, address.host, resolve);
  });
  server.removeAllListeners('error');
  server.on('error', () => undefined);
  return {
    server,
    close: (graceMs) =>
      new Promise<void>((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        // A connection whose last request has ended would otherwise stay until its keep-alive time is over.
        const sweep = setInterval(() => server.closeIdleConnections(), sweepMs);
        server.close(() => {
          clearTimeout(cut);
          clearInterval(sweep);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}

/** Answers `/healthz` (this process lives) and `/readyz` (it can serve) on any host name. @returns whether it did */
export function answerHealth(
  request: IncomingMessage,
  response: ServerResponse,
  isReady: () => Promise<boolean>,
): boolean {
  const path = (request.url ?? '').split('?')[0];
  if (path !== '/healthz' && path !== '/readyz') return false;
  const answer = (ready: boolean) => {
    response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify({ status: ready ? 'ok' : 'unavailable' }));
  };
  if (path === '/healthz') answer(true);
  else isReady().then(answer, () => answer(false));
  return true;
}
