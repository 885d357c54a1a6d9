import { customRoleId, type Role } from '#libs/tenancy/domain/role.js';
import type { Person } from '../person.js';

/** A person as the organisation's directory knows them. */
export interface DirectoryUser {
  readonly person: Person;
  readonly userName: string;
  readonly externalId: string | null;
  /** The other attributes of SCIM, as the directory told them. */
  readonly attributes: Readonly<Record<string, unknown>>;
  /** What the directory says; the person may have been disabled here all the same. */
  readonly isActive: boolean;
  /** Whether the role comes from a group, and goes with it. */
  readonly roleByGroup: boolean;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly groups: readonly { readonly id: string; readonly name: string }[];
}

/** A group of the organisation's directory. */
export interface DirectoryGroup {
  readonly id: string;
  readonly name: string;
  readonly externalId: string | null;
  /** What its members become; null: nothing. Never owners. */
  readonly role: Role | null;
  readonly createdAt: Date;
  readonly changedAt: Date;
}

const strength: Readonly<Record<string, number>> = { admin: 4, auditor: 2, billing: 1, member: 0 };

/**
 * Of the roles somebody's groups give, the one that counts: admin, then the organisation's own, then auditor, billing,
 * member. Of two of its own the one that was given first, so that the answer stays the same.
 */
export function strongestRole(roles: readonly Role[]): Role | null {
  const rank = (role: Role) => (customRoleId(role) === null ? (strength[role] ?? 0) : 3);
  return [...roles].sort((one, other) => rank(other) - rank(one))[0] ?? null;
}
