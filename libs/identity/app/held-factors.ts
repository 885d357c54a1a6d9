import type { UserId } from '#libs/kernel/ids.js';
import { factorWays, type FactorWay } from '../domain/proof.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** The second factors that somebody has set up, in the order in which they are offered. */
export async function heldFactors(stores: IdentityStores, person: UserId): Promise<readonly FactorWay[]> {
  const hasPasskey = (await stores.passkeys.ofPerson(person)).length > 0;
  const hasApp = (await stores.totpFactors.of(person)) !== null;
  return factorWays.filter((way) => (way === 'totp' ? hasApp : hasPasskey));
}
