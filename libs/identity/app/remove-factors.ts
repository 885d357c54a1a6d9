import type { UserId } from '#libs/kernel/ids.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** Takes every second factor of a person away, passkeys among them, and the recovery codes that stand in for them. */
export async function removeFactors(stores: IdentityStores, person: UserId): Promise<void> {
  await stores.totpFactors.remove(person);
  await stores.passkeys.removeAll(person);
  await removeRecoveryCodes(stores, person);
}

/** Recovery codes are nothing without a factor. */
export async function removeRecoveryCodes(stores: IdentityStores, person: UserId): Promise<void> {
  await stores.recoveryCodes.replace(person, [], new Date(0));
}
