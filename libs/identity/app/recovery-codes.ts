import type { UserId } from '#libs/kernel/ids.js';
import { newRecoveryCode, plainRecoveryCode, recoveryCodeCount } from '../domain/recovery-code.js';
import { tokenHash } from '../domain/token-hash.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { OneTimeCodes } from '../ports/one-time-codes.js';
import type { IdentityParts } from './identity-parts.js';

/** Codes to get in once each, for when a factor is lost. Only their hashes are kept. */
export class RecoveryCodes {
  constructor(
    private readonly parts: Pick<IdentityParts, 'clock' | 'ids'>,
    private readonly codes: OneTimeCodes,
  ) {}

  /** New codes, to be shown once; those before end. In the caller's transaction. */
  async renew(stores: IdentityStores, person: UserId): Promise<readonly string[]> {
    const made = Array.from({ length: recoveryCodeCount }, () =>
      newRecoveryCode(this.parts.ids, (bytes) => this.codes.textOf(bytes)),
    );
    const hashes = made.map((code) => tokenHash(plainRecoveryCode(code)));
    await stores.recoveryCodes.replace(person, hashes, this.parts.clock.now());
    return made;
  }

  /** Whether the code is one that was not used. From now on it was. */
  use(stores: IdentityStores, person: UserId, typed: string): Promise<boolean> {
    return stores.recoveryCodes.use(person, tokenHash(plainRecoveryCode(typed)), this.parts.clock.now());
  }
}
