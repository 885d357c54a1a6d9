import type { Person } from '../domain/person.js';
import type { SecondFactor } from '../domain/proof.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** Knows which second factors somebody has. */
export class SecondFactors {
  /** What may be asked for, in the order in which it is offered; empty for somebody without any. */
  async of(stores: IdentityStores, person: Person): Promise<readonly SecondFactor[]> {
    const own: SecondFactor[] = [];
    if ((await stores.totpFactors.of(person.id)) !== null) own.push('totp');
    // Recovery codes stand in for a factor that is lost; without one they are nothing.
    if (own.length > 0 && ((await stores.recoveryCodes.of(person.id))?.left ?? 0) > 0) own.push('recovery-code');
    return own;
  }
}
