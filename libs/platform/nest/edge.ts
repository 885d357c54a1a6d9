import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { guardHeader } from '#libs/contracts/endpoint.js';
import { endpoints } from '#libs/contracts/endpoints.js';
import type { AuditLog } from '#libs/identity/app/audit-log.js';
import type { SessionAuthenticator } from '#libs/identity/ports/session-authenticator.js';
import { AppError } from '#libs/kernel/errors.js';
import { isServed, type Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import { faceOf } from '../addresses.js';
import { readSessionCookie } from '../session-cookie.js';
import type { ClientView, TrustedProxies } from '../trusted-proxies.js';
import { auditOversized } from './audit-oversized.js';
import type { Caller } from './caller.js';

/** What the edge of a face needs to know who calls. */
export interface EdgeParts {
  readonly directory: TenantDirectory;
  readonly authenticator: SessionAuthenticator;
  readonly proxies: TrustedProxies;
  readonly audit: AuditLog;
}

const changing = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

/** The same answer for every host that is no tenant's, so that hosts cannot be told apart. */
function unknownHost(): AppError {
  return new AppError('not_found', 'There is nothing here.', { action: 'Check the address of your organisation.' });
}

/** @throws {AppError} not_found where the host is no served tenant's, or another face's */
export async function tenantOf(
  view: ClientView,
  face: 'chat' | 'admin',
  directory: TenantDirectory,
): Promise<{ tenant: Tenant; tenantHost: string }> {
  const named = faceOf(view.host);
  const tenant = named.face === face ? await directory.byHost(named.tenantHost) : null;
  if (tenant === null || !isServed(tenant)) throw unknownHost();
  return { tenant, tenantHost: named.tenantHost };
}

/** Whether the Origin header names the very host that was asked. */
export function isOwnOrigin(origin: string | undefined, view: ClientView): boolean {
  if (origin === undefined || !/^https?:\/\//.test(origin)) return false;
  return origin.replace(/^https?:\/\//, '').toLowerCase() === view.authority;
}

/** Routes that others than our pages call; each stands on a proof of its own. */
const crossSite = new Set(
  [...endpoints.values()].flatMap((one) => (one.crossSite === true ? [`${one.face} ${one.method} ${one.path}`] : [])),
);

function refuseForeign(request: FastifyRequest, face: 'chat' | 'admin', view: ClientView): void {
  if (!changing.has(request.method)) return;
  if (crossSite.has(`${face} ${request.method} ${request.routeOptions.url ?? ''}`)) return;
  const guarded = request.headers[guardHeader] !== undefined;
  if (!guarded || !isOwnOrigin(request.headers.origin, view))
    throw new AppError('origin_refused', 'This request did not come from a page of ours.');
}

/** Finds out who calls, before any controller runs: tenant by host, origin, session by cookie. */
export function guardEdge(instance: FastifyInstance, face: 'chat' | 'admin', parts: EdgeParts): void {
  instance.addHook('onRequest', async (request: FastifyRequest, reply: FastifyReply) => {
    void reply.header('x-request-id', String(request.id));
    void reply.headers({
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
      'cross-origin-opener-policy': 'same-origin',
      'cross-origin-resource-policy': 'same-origin',
    });
    const view = parts.proxies.view(request.raw);
    const { tenant, tenantHost } = await tenantOf(view, face, parts.directory);
    refuseForeign(request, face, view);
    const token = readSessionCookie(face, request.headers.cookie);
    const session = token === null ? null : await parts.authenticator.authenticate(tenant, face, token);
    const caller: Caller = {
      tenant,
      tenantHost,
      session,
      requestId: String(request.id),
      address: view.address,
      device: String(request.headers['user-agent'] ?? '').slice(0, 300),
    };
    request.caller = caller;
  });
  auditOversized(instance, parts.audit);
}
