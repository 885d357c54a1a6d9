// The baseline: node:http and undici's dispatch, no parsing, no limits, no metering. `node bare-proxy.js <port>`.
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type Dispatcher, Pool } from 'undici';
import { serveBench } from './child.js';

const pool = new Pool(`http://127.0.0.1:${process.argv[2]}`, {
  connections: 512,
  pipelining: 1,
  headersTimeout: 0,
  bodyTimeout: 0,
});

class Pass implements Dispatcher.DispatchHandler {
  private controller: Dispatcher.DispatchController | null = null;

  constructor(private readonly response: ServerResponse) {
    response.on('close', () => {
      if (!response.writableFinished) this.controller?.abort(new Error('client left'));
    });
    response.on('drain', () => this.controller?.resume());
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
  }

  onResponseStart(_controller: Dispatcher.DispatchController, status: number, headers: IncomingHttpHeaders): void {
    const length = headers['content-length'];
    this.response.writeHead(status, {
      'content-type': headers['content-type'] ?? 'application/json',
      ...(length === undefined ? {} : { 'content-length': length }),
    });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    this.response.end();
  }

  onResponseError(): void {
    this.response.destroy();
  }
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (bytes: Buffer) => chunks.push(bytes));
  request.on('end', () => {
    const body = Buffer.concat(chunks);
    const headers = { 'content-type': 'application/json' };
    pool.dispatch({ method: 'POST', path: request.url ?? '/', headers, body }, new Pass(response));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => serveBench((server.address() as AddressInfo).port));
