import { mergeProfile } from '#libs/tenancy/domain/settings.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenancyStores } from '#libs/tenancy/ports/setting-store.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { SessionId } from '#libs/kernel/ids.js';
import { type SessionLimits, sessionLimitsOf } from '../domain/session-limits.js';
import { isAlive, type SignInSession } from '../domain/sign-in-session.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** The limits as they are at this moment, asked within a unit of work. */
export async function sessionLimitsNow({ settings }: TenancyStores, { manifest }: Tenant): Promise<SessionLimits> {
  return sessionLimitsOf(mergeProfile(manifest, await settings.all()).security.sessions);
}

/** The session while it stands; null once it is over, or where there is none. */
export async function standingSession(
  stores: IdentityStores,
  tenant: Tenant,
  id: SessionId | null,
  clock: Clock,
): Promise<SignInSession | null> {
  const session = id === null ? null : await stores.signInSessions.byId(id);
  if (session === null) return null;
  return isAlive(session, await sessionLimitsNow(stores, tenant), clock.now()) ? session : null;
}
