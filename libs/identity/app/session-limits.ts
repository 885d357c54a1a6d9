import { mergeProfile } from '#libs/tenancy/domain/settings.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenancyStores } from '#libs/tenancy/ports/setting-store.js';
import { type SessionLimits, sessionLimitsOf } from '../domain/session-limits.js';

/** The limits as they are at this moment, asked within a unit of work. */
export async function sessionLimitsNow({ settings }: TenancyStores, { manifest }: Tenant): Promise<SessionLimits> {
  return sessionLimitsOf(mergeProfile(manifest, await settings.all()).security.sessions);
}
