import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { SecondFactorRule } from '#libs/tenancy/domain/tenant.js';
import type { Person } from '../domain/person.js';
import type { SignedInVisitor } from '../domain/visitor.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { heldFactors } from './held-factors.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { removeRecoveryCodes } from './remove-factors.js';

/** What the first factor of somebody brings along, and what the last one takes away. In the caller's transaction. */
export class OwnFactorRules {
  constructor(private readonly recovery: RecoveryCodes) {}

  /**
   * The visitor, held until the transaction ends: of two tabs that change factors at a time, the second one sees what
   * the first has done.
   * @throws {AppError} unauthenticated
   */
  async owner(stores: IdentityStores, { session }: SignedInVisitor): Promise<Person> {
    const person = await stores.people.lock(session.personId);
    if (person?.state !== 'active') throw new AppError('unauthenticated', 'You are not signed in.');
    return person;
  }

  /** Whether the person has no second factor yet. */
  async hasNone(stores: IdentityStores, person: UserId): Promise<boolean> {
    return (await heldFactors(stores, person)).length === 0;
  }

  /** The recovery codes that come with the first factor, to be shown once. */
  firstCodes(stores: IdentityStores, person: UserId): Promise<readonly string[]> {
    return this.recovery.renew(stores, person);
  }

  /**
   * Recovery codes are nothing without a factor.
   * @throws {AppError} second_factor_required where none is left and one must be there: nothing was removed then
   */
  async afterRemoval(stores: IdentityStores, person: UserId, rule: SecondFactorRule): Promise<void> {
    if (!(await this.hasNone(stores, person))) return;
    if (rule === 'required')
      throw new AppError('second_factor_required', 'Your organisation asks everybody for a second factor.');
    await removeRecoveryCodes(stores, person);
  }
}
