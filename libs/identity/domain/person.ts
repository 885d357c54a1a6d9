import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Facts } from './rights.js';

export type PersonState = 'active' | 'disabled';

export interface Person {
  readonly id: UserId;
  /** Lower case. */
  readonly email: string;
  readonly name: string;
  readonly role: Role;
  readonly state: PersonState;
  /** PHC text, or null for somebody without a local password. */
  readonly passwordHash: string | null;
  readonly createdAt: Date;
  readonly lastSeenAt: Date | null;
}

/**
 * Keeps an organisation from losing its last active owner.
 * @param otherOwners active owners beside this person
 * @throws {AppError} last_owner
 */
export function refuseLosingLastOwner(before: Person, after: Person, otherOwners: number): void {
  if (!losesOwner(before, after) || otherOwners > 0) return;
  throw new AppError('last_owner', 'An organisation needs at least one active owner.');
}

/** Whether the change takes an active owner away. */
export function losesOwner(before: Person, after: Person): boolean {
  const was = before.role === 'owner' && before.state === 'active';
  return was && !(after.role === 'owner' && after.state === 'active');
}

/** What conditions of rights may ask about a person. */
export function personFacts({ id, role, state }: Pick<Person, 'id' | 'role' | 'state'>): Facts {
  return { id, role, state };
}

/** The part of an e-mail address that names somebody, where no name is known. */
export function nameFromEmail(email: string): string {
  return email.split('@')[0] ?? email;
}
