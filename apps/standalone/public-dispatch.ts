import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppError } from '#libs/kernel/errors.js';
import { uuidV7 } from '#libs/kernel/ids.js';
import { faceOf } from '#libs/platform/addresses.js';
import { answerHealth } from '#libs/platform/http-servers.js';
import type { FaceApp } from '#libs/platform/nest/create-face.js';
import type { TrustedProxies } from '#libs/platform/trusted-proxies.js';
import { plainPage } from '#libs/platform/plain-page.js';

interface Dispatch {
  readonly chat: FaceApp;
  readonly admin: FaceApp;
  readonly router: FaceApp;
  readonly proxies: TrustedProxies;
  readonly isReady: () => Promise<boolean>;
  /** The OpenAPI document of the model API. */
  readonly openApi: string;
  /** The page of this machine's tenants, for a browser on this machine. */
  readonly localPage: () => Promise<string>;
}

const loopbackNames = new Set(['localhost', '127.0.0.1', '[::1]']);
const loopbackPeers = new Set(['127.0.0.1', '::1', '::ffff:127.0.0.1']);

/** Whether somebody on this machine asks for the machine itself, not for a tenant. */
function isLocal(request: IncomingMessage, host: string): boolean {
  return loopbackNames.has(host) && loopbackPeers.has(request.socket.remoteAddress ?? '');
}

/** Hands each request to its face without a hop: `/v1` to the router, admin hosts to admin, the rest to chat. */
export function publicDispatch(parts: Dispatch): (request: IncomingMessage, response: ServerResponse) => void {
  return (request, response) => {
    if (answerHealth(request, response, parts.isReady)) return;
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    if (path.startsWith('/v1/') || path === '/v1') return parts.router.handle(request, response);
    const { host } = parts.proxies.view(request);
    if (path === '/openapi.json' && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-cache' }).end(parts.openApi);
      return;
    }
    if (isLocal(request, host)) return void answerLocal(parts, path, response);
    const { face } = faceOf(host);
    return (face === 'admin' ? parts.admin : parts.chat).handle(request, response);
  };
}

async function answerLocal(parts: Dispatch, path: string, response: ServerResponse): Promise<void> {
  const headers = {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'",
    'x-content-type-options': 'nosniff',
  };
  const notFound = plainPage(new AppError('not_found', 'There is nothing here.'), uuidV7(Date.now()));
  if (path !== '/') return void response.writeHead(404, headers).end(notFound);
  const page = await parts
    .localPage()
    .catch(() =>
      plainPage(new AppError('database_unavailable', 'The database cannot be reached.'), uuidV7(Date.now())),
    );
  response.writeHead(200, headers).end(page);
}
