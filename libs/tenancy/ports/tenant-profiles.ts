import type { EffectiveProfile, Tenant } from '../domain/tenant.js';

/** What a tenant is like right now: its manifest, and the admin page's settings where the manifest is silent. */
export abstract class TenantProfiles {
  /** From memory after the first call; a changed setting takes effect within 5 s on every replica, at once on this one. */
  abstract effective(tenant: Tenant): Promise<EffectiveProfile>;
  /** Forgets what it knows of the tenant; call after settings were written. */
  abstract invalidate(tenant: Tenant): void;
}
