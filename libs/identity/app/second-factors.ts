import type { PasskeyAnswer } from '#libs/contracts/passkey-api.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { SecondFactor, TypedFactor } from '../domain/proof.js';
import type { Visitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { AuthenticatorApps } from './authenticator-apps.js';
import { heldFactors } from './held-factors.js';
import type { PasskeyProof } from './passkey-proof.js';
import type { RecoveryCodes } from './recovery-codes.js';

/** A second factor as it comes from the page. */
export type GivenFactor = TypedFactor | { readonly kind: 'passkey'; readonly answer: PasskeyAnswer };

/** Knows which second factors somebody has, and whether one that is shown is theirs. In the caller's transaction. */
export class SecondFactors {
  constructor(
    private readonly apps: AuthenticatorApps,
    private readonly recovery: RecoveryCodes,
    private readonly passkeys: PasskeyProof,
  ) {}

  /** What may be asked for; empty for somebody without any. Recovery codes stand in for a factor that is lost. */
  async of(stores: IdentityStores, person: UserId): Promise<readonly SecondFactor[]> {
    const ways = await heldFactors(stores, person);
    if (ways.length === 0) return [];
    const left = (await stores.recoveryCodes.of(person))?.left ?? 0;
    return left > 0 ? [...ways, 'recovery-code'] : ways;
  }

  /**
   * Null when what is given is the person's, and was not used before; from now on it was. Else why it does not count.
   * @param asked what a passkey was asked for
   */
  async prove(
    stores: IdentityStores,
    visitor: Visitor,
    asked: { readonly personId: UserId; readonly purpose: 'second-factor' | 'confirm' },
    given: GivenFactor,
  ): Promise<string | null> {
    const { personId: person } = asked;
    switch (given.kind) {
      case 'totp':
        return (await this.apps.use(stores, visitor.tenant.id, person, given.code)) ? null : 'wrong_or_used_totp';
      case 'recovery-code':
        return (await this.recovery.use(stores, person, given.code)) ? null : 'wrong_or_used_recovery_code';
      case 'passkey': {
        const proven = await this.passkeys.check(stores, visitor, asked, given.answer);
        return proven.kind === 'proven' ? null : `passkey: ${proven.reason}`;
      }
    }
  }
}
