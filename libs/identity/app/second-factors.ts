import type { TenantId, UserId } from '#libs/kernel/ids.js';
import type { FactorWay, GivenFactor, SecondFactor } from '../domain/proof.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { AuthenticatorApps } from './authenticator-apps.js';
import type { RecoveryCodes } from './recovery-codes.js';

/** Knows which second factors somebody has, and whether one that is shown is theirs. In the caller's transaction. */
export class SecondFactors {
  constructor(
    private readonly apps: AuthenticatorApps,
    private readonly recovery: RecoveryCodes,
  ) {}

  /** What somebody has set up, in the order in which it is offered. */
  async ways(stores: IdentityStores, person: UserId): Promise<readonly FactorWay[]> {
    return (await stores.totpFactors.of(person)) === null ? [] : ['totp'];
  }

  /** What may be asked for; empty for somebody without any. Recovery codes stand in for a factor that is lost. */
  async of(stores: IdentityStores, person: UserId): Promise<readonly SecondFactor[]> {
    const ways = await this.ways(stores, person);
    if (ways.length === 0) return [];
    const left = (await stores.recoveryCodes.of(person))?.left ?? 0;
    return left > 0 ? [...ways, 'recovery-code'] : ways;
  }

  /** Whether what is given is the person's, and was not used before. From now on it was. */
  prove(stores: IdentityStores, tenant: TenantId, person: UserId, given: GivenFactor): Promise<boolean> {
    switch (given.kind) {
      case 'totp':
        return this.apps.use(stores, tenant, person, given.code);
      case 'recovery-code':
        return this.recovery.use(stores, person, given.code);
    }
  }
}
