import type { FastifyError, FastifyInstance } from 'fastify';
import { samlPaths } from '#libs/contracts/saml-paths.js';
import type { AuditLog } from '#libs/identity/app/audit-log.js';

/** Where messages of identity providers arrive, which anybody may send. */
const doors: ReadonlySet<string> = new Set([samlPaths.acs, samlPaths.singleLogout]);

/** Tells the audit log of messages that are too large to be read, so that no attack is silent for being big. */
export function auditOversized(instance: FastifyInstance, audit: AuditLog): void {
  instance.addHook('onError', async ({ caller, routeOptions }, _reply, error: FastifyError) => {
    const path = routeOptions.url ?? '';
    if (caller === undefined || error.code !== 'FST_ERR_CTP_BODY_TOO_LARGE' || !doors.has(path)) return;
    await audit.refuse(caller.tenant.id, caller, {
      action: path === samlPaths.acs ? 'session.create' : 'session.end',
      target: path,
      reason: 'sso: too_large: more than a request may have',
    });
  });
}
