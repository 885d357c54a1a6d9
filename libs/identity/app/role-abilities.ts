import { AppError } from '#libs/kernel/errors.js';
import { customRoleId, type Role } from '#libs/tenancy/domain/role.js';
import { customAbility, systemAbility } from '../domain/abilities.js';
import type { Person } from '../domain/person.js';
import type { Ability } from '../domain/rights.js';
import type { IdentityStores } from '../ports/identity-stores.js';

/** What somebody's role says of them. */
export interface HeldRole {
  /** Null for a role that every organisation has. */
  readonly roleName: string | null;
  readonly ability: Ability;
}

/** What a person may do; nothing where their role is gone. */
export async function heldRole(
  { roles }: Pick<IdentityStores, 'roles'>,
  { id, role }: Pick<Person, 'id' | 'role'>,
): Promise<HeldRole> {
  const customId = customRoleId(role);
  if (customId === null) return { roleName: null, ability: systemAbility(role) };
  const custom = await roles.byId(customId);
  if (custom === null) return { roleName: null, ability: systemAbility('member') };
  return { roleName: custom.name, ability: customAbility(custom, id) };
}

/**
 * What a role would allow to `personId`. The role stays as it is until the transaction ends.
 * @throws {AppError} bad_request when the organisation has no such role
 */
export async function abilityOfRole(
  { roles }: Pick<IdentityStores, 'roles'>,
  role: Role,
  personId: string,
): Promise<Ability> {
  const customId = customRoleId(role);
  if (customId === null) return systemAbility(role);
  const custom = await roles.lock(customId);
  if (custom !== null) return customAbility(custom, personId);
  throw new AppError('bad_request', 'The field role: this organisation has no such role.', { field: 'role' });
}
