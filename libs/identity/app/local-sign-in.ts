import type { PasswordHasher } from '../ports/password-hasher.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { SecondFactorRule, Tenant } from '#libs/tenancy/domain/tenant.js';

/** What holds for sign-ins without the identity provider. */
export interface LocalRules {
  readonly mayEnter: (role: Role) => boolean;
  readonly secondFactor: SecondFactorRule;
}

/** Passwords, and who may come in without the identity provider. */
export class LocalSignIn {
  constructor(
    private readonly profiles: TenantProfiles,
    readonly hasher: PasswordHasher,
  ) {}

  /**
   * Asked before a unit of work begins, to decide within it. An owner always may, so that a broken provider locks
   * nobody out.
   */
  async rules(tenant: Tenant): Promise<LocalRules> {
    const { passwordsFor, secondFactor } = await this.profiles.effective(tenant);
    return { mayEnter: (role) => role === 'owner' || passwordsFor === 'everybody', secondFactor };
  }
}
