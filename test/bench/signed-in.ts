import { request } from 'undici';
import { WebSocket } from 'ws';
import { guardHeader } from '#libs/contracts/endpoint.js';
import { socketPath, socketProtocol } from '#libs/contracts/chat-events.js';
import type { PlatformProcess } from './platform-process.js';

/** The owner of a tenant, signed in by a one-time link. */
export interface SignedIn {
  readonly headers: Readonly<Record<string, string>>;
  get(path: string): Promise<unknown>;
  post(path: string, body: unknown): Promise<unknown>;
  socket(): Promise<WebSocket>;
}

export async function signIn(platform: PlatformProcess, tenant: string): Promise<SignedIn> {
  const host = `${tenant}.localhost:${platform.port}`;
  const url = `http://127.0.0.1:${platform.port}`;
  const link = new URL(await platform.whisper('link', '--tenant', tenant));
  const base = { host, origin: `http://${host}`, [guardHeader]: '1', 'content-type': 'application/json' };
  const reply = await request(`${url}/api/links/use`, {
    method: 'POST',
    headers: base,
    body: JSON.stringify({ token: link.hash.slice(1) }),
  });
  await reply.body.dump();
  const cookie = String(reply.headers['set-cookie']).split(';')[0] ?? '';
  const headers = { ...base, cookie };
  return {
    headers,
    get: async (path) => (await request(`${url}${path}`, { headers })).body.json(),
    post: async (path, body) =>
      (await request(`${url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })).body.json(),
    socket: () =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://127.0.0.1:${platform.port}${socketPath}`, socketProtocol, {
          headers: { host, origin: `http://${host}`, cookie },
          perMessageDeflate: false,
        });
        socket.once('open', () => resolve(socket));
        socket.once('error', reject);
      }),
  };
}
