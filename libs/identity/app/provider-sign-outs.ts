import { pagePaths } from '#libs/contracts/page-paths.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { SsoOrigin } from '../domain/sign-in-session.js';
import type { Visitor } from '../domain/visitor.js';
import type { TenantOrigins } from '../ports/tenant-origins.js';
import { providerInForce } from './provider-in-force.js';
import type { SsoClients } from './sso-clients.js';

/** Finds where a person is signed out of the identity provider, too. */
export class ProviderSignOuts {
  constructor(
    private readonly clients: SsoClients,
    private readonly profiles: TenantProfiles,
    private readonly origins: TenantOrigins,
  ) {}

  /** Null where the organisation does not want it, the provider cannot do it, or the connection is another by now. */
  async urlFor(visitor: Visitor, { connection, ...session }: SsoOrigin): Promise<string | null> {
    const profile = await providerInForce(this.profiles, visitor.tenant);
    if (profile?.signOut !== 'everywhere' || !connection.startsWith(`${profile.type}:`)) return null;
    const connector = await this.clients.bind(visitor, profile);
    if (typeof connector === 'string') return null;
    return connector.signOutUrl(session, `${this.origins.at(visitor.tenantHost).chat}${pagePaths.signIn}`);
  }
}
