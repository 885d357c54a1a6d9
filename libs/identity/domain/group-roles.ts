import type { SsoPolicy } from '#libs/tenancy/domain/sso-profile.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { SsoClaims } from './sso-claims.js';

/** What the group rules make of somebody. `keep`: they say nothing, and whatever role there is stays. */
export type MappedRole =
  | { readonly kind: 'keep' }
  | { readonly kind: 'role'; readonly role: Role; readonly group: string | null }
  | { readonly kind: 'refuse'; readonly reason: string };

/**
 * The role the rules give: the first rule that fits, else what `unmatchedGroups` says. Somebody whose groups were held
 * back keeps the role there is: a rule that might fit cannot be told from one that does not.
 */
export function roleByGroups(
  policy: Pick<SsoPolicy, 'groupRoles' | 'unmatchedGroups'>,
  claims: Pick<SsoClaims, 'groups' | 'hasAllGroups'>,
): MappedRole {
  const rule = policy.groupRoles.find(({ group }) => claims.groups.includes(group));
  if (rule !== undefined) return { kind: 'role', role: rule.role, group: rule.group };
  if (policy.groupRoles.length === 0 && policy.unmatchedGroups === 'member') return { kind: 'keep' };
  if (policy.unmatchedGroups === 'refuse')
    return { kind: 'refuse', reason: claims.hasAllGroups ? 'no_group_matches' : 'groups_held_back' };
  return claims.hasAllGroups ? { kind: 'role', role: 'member', group: null } : { kind: 'keep' };
}
