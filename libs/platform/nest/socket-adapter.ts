import type { IncomingMessage } from 'node:http';
import type { INestApplicationContext } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { socketProtocol } from '#libs/contracts/chat-events.js';
import { asAppError } from '#libs/kernel/errors.js';
import { readSessionCookie } from '../session-cookie.js';
import type { SignedInCaller } from './caller.js';
import { type EdgeParts, isOwnOrigin, tenantOf } from './edge.js';

/** A turn of 200,000 characters, each up to 4 bytes, with its frame. */
const largestFrameBytes = 1024 * 1024;

type Verdict = (allowed: boolean, status?: number, message?: string) => void;

const callers = new WeakMap<IncomingMessage, SignedInCaller>();

/** Who opened a socket, as the upgrade has proven. */
export function socketCaller(request: IncomingMessage): SignedInCaller | null {
  return callers.get(request) ?? null;
}

/** Sockets that are let in only with our origin, our subprotocol and a session of the host's tenant. */
export class SocketAdapter extends WsAdapter {
  constructor(
    app: INestApplicationContext,
    private readonly parts: EdgeParts,
  ) {
    super(app);
  }

  override create(port: number, options: Record<string, unknown> & { namespace?: string } = {}): unknown {
    return super.create(port, {
      ...options,
      maxPayload: largestFrameBytes,
      perMessageDeflate: false,
      handleProtocols: (offered: Set<string>) => (offered.has(socketProtocol) ? socketProtocol : false),
      verifyClient: ({ req }: { req: IncomingMessage }, decide: Verdict) => void this.verify(req, decide),
    });
  }

  private async verify(request: IncomingMessage, decide: Verdict): Promise<void> {
    try {
      const view = this.parts.proxies.view(request);
      const { tenant, tenantHost } = await tenantOf(view, 'chat', this.parts.directory);
      if (!isOwnOrigin(request.headers.origin, view)) return decide(false, 403, 'Forbidden');
      const token = readSessionCookie('chat', request.headers.cookie);
      const session = token === null ? null : await this.parts.authenticator.authenticate(tenant, 'chat', token);
      if (session === null) return decide(false, 401, 'Unauthorized');
      const device = String(request.headers['user-agent'] ?? '').slice(0, 300);
      callers.set(request, {
        tenant,
        tenantHost,
        session,
        requestId: session.sessionId,
        address: view.address,
        device,
      });
      decide(true);
    } catch (error) {
      decide(false, asAppError(error).status, 'Refused');
    }
  }
}
