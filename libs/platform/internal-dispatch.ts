import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { answerHealth } from './http-servers.js';
import type { FaceApp } from './nest/create-face.js';

interface InternalDispatch {
  /** Null where the router runs apart. */
  readonly router: FaceApp | null;
  readonly isReady: () => Promise<boolean>;
  readonly jwks: () => Promise<unknown>;
  readonly metrics: Registry;
}

/** The internal port: our apps' calls to the router, keys, metrics and health. Never for people. */
export function internalDispatch(
  parts: InternalDispatch,
): (request: IncomingMessage, response: ServerResponse) => void {
  const answer = (response: ServerResponse, type: string, body: Promise<string>) => {
    body.then(
      (text) => response.writeHead(200, { 'content-type': type }).end(text),
      () => response.writeHead(500).end(),
    );
  };
  return (request, response) => {
    if (answerHealth(request, response, parts.isReady)) return;
    const path = (request.url ?? '').split('?')[0] ?? '';
    if (path.startsWith('/internal/') && parts.router !== null) return parts.router.handle(request, response);
    if (path === '/metrics') return answer(response, parts.metrics.contentType, parts.metrics.metrics());
    if (path === '/.well-known/jwks.json')
      return answer(
        response,
        'application/json',
        parts.jwks().then((keys) => JSON.stringify(keys)),
      );
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"error":{"code":"not_found"}}');
  };
}
