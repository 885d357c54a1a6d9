import type { UserId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import { type DirectoryUser, strongestRole } from '../../domain/scim/directory.js';
import type { IdentityStores } from '../../ports/identity-stores.js';

/** A role that changed because of a group. */
export interface FollowedRole {
  readonly person: UserId;
  readonly from: Role;
  readonly to: Role;
}

/** What somebody's groups make of them; null: nothing changes. Owners are nobody's but the owners'. */
export async function roleAfterGroups(stores: IdentityStores, user: DirectoryUser): Promise<Role | null> {
  if (user.person.role === 'owner') return null;
  const given = strongestRole(await stores.directoryGroups.rolesOf(user.person.id));
  if (given !== null) return given === user.person.role && user.roleByGroup ? null : given;
  return user.roleByGroup ? 'member' : null;
}

/** Gives somebody the role of their groups, or takes away the one a group had given. */
export async function followGroups(stores: IdentityStores, id: UserId): Promise<FollowedRole | null> {
  const user = await stores.directoryUsers.lock(id);
  const role = user === null ? null : await roleAfterGroups(stores, user);
  if (user === null || role === null) return null;
  const roleByGroup = (await stores.directoryGroups.rolesOf(id)).length > 0;
  await stores.people.save({ ...user.person, role });
  await stores.directoryUsers.save({ ...user, roleByGroup });
  return role === user.person.role ? null : { person: id, from: user.person.role, to: role };
}
