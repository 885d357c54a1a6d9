import { AppError } from '#libs/kernel/errors.js';
import { userId } from '#libs/kernel/ids.js';
import { type Person, personFacts } from '../domain/person.js';
import { type Ability, demandCovers, demandFor } from '../domain/rights.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import { heldRole } from './role-abilities.js';

/** Whom an admin wants to reach, and which of their fields to change. */
interface Reached {
  readonly id: string;
  readonly fields?: readonly string[];
}

/**
 * The person, where the caller may change these fields of theirs and has no fewer rights. Nobody else changes them
 * until this transaction ends.
 * @throws {AppError} forbidden, not_found
 */
export async function reachPerson(
  stores: IdentityStores,
  ability: Ability,
  { id, fields = [] }: Reached,
): Promise<Person> {
  const person = await stores.people.lock(userId(id));
  if (person === null) throw nobodyThere();
  demandFor(ability, 'change', { subject: 'person', facts: personFacts(person), fields });
  demandCovers(ability, (await heldRole(stores, person)).ability);
  return person;
}

/** For somebody who is not there. */
export function nobodyThere(): AppError {
  return new AppError('not_found', 'There is nothing of this name.');
}
