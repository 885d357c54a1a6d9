import type { PasswordHasher } from '../ports/password-hasher.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { EffectiveProfile, SecondFactorRule, Tenant } from '#libs/tenancy/domain/tenant.js';

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

  /** Asked before a unit of work begins, to decide within it. */
  async rules(tenant: Tenant): Promise<LocalRules> {
    const { passwordsFor, secondFactor } = await this.profiles.effective(tenant);
    return { mayEnter: (role) => mayEnterHere(role, passwordsFor), secondFactor };
  }
}

/** Who needs no identity provider. An owner never does, so that a broken provider locks nobody out. */
export function mayEnterHere(role: Role, passwordsFor: EffectiveProfile['passwordsFor']): boolean {
  return role === 'owner' || passwordsFor === 'everybody';
}
