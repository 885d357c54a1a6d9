import { identityProviderOf, type SsoProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';

/** The identity provider that the tenant's people sign in through right now, or null. */
export async function providerInForce(profiles: TenantProfiles, tenant: Tenant): Promise<SsoProfile | null> {
  return identityProviderOf((await profiles.effective(tenant)).sso);
}
