import type { OidcProfile, Role } from '#libs/tenancy/domain/tenant.js';

/** The role the rules give to somebody in `groups`: the first rule that fits, else member. Null without any rule. */
export function roleByGroups(rules: OidcProfile['groupRoles'], groups: readonly string[]): Role | null {
  if (rules.length === 0) return null;
  return rules.find((rule) => groups.includes(rule.group))?.role ?? 'member';
}
