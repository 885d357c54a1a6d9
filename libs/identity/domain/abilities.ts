import type { Role, SystemRole } from '#libs/tenancy/domain/role.js';
import { type Ability, abilityFrom, namesSelf, type RoleRule, type Subject } from './rights.js';
import type { CustomRole } from './custom-role.js';

const everything: Subject[] = [
  'person',
  'invitation',
  'key',
  'settings',
  'sso',
  'usage',
  'audit',
  'backend',
  'group',
  'scim',
];

/** Custom roles are made by owners alone. */
const systemRules: Readonly<Record<SystemRole, readonly RoleRule[]>> = {
  owner: [{ action: ['read', 'change'], subject: [...everything, 'role', 'owner'] }],
  admin: [
    { action: ['read', 'change'], subject: everything },
    { action: 'read', subject: ['role', 'owner'] },
  ],
  auditor: [{ action: 'read', subject: [...everything, 'role', 'owner'] }],
  billing: [{ action: 'read', subject: ['usage', 'settings'] }],
  member: [],
};

const systemAbilities = new Map<Role, Ability>(
  Object.entries(systemRules).map(([role, rules]) => [role as SystemRole, abilityFrom(rules, '')]),
);

/** Nothing at all. */
const nothing = abilityFrom([], '');

/** What a role that every organisation has may do; nothing for a role that is not one. */
export function systemAbility(role: Role): Ability {
  return systemAbilities.get(role) ?? nothing;
}

/** Abilities kept at most: custom roles in use by people who are here at the same time. About 2 KB each. */
const capacity = 2_000;
const kept = new Map<string, Ability>();

/** What a role of the organisation's own allows to one person. Kept by the role's version. */
export function customAbility(role: CustomRole, personId: string): Ability {
  const key = `${role.id} ${role.version} ${namesSelf(role.rules) ? personId : ''}`;
  const known = kept.get(key);
  if (known !== undefined) return known;
  const ability = abilityFrom(role.rules, personId);
  const [oldest] = kept.keys();
  if (kept.size >= capacity && oldest !== undefined) kept.delete(oldest);
  kept.set(key, ability);
  return ability;
}

const pageSubjects = {
  overview: 'usage',
  usage: 'usage',
  people: 'person',
  groups: 'group',
  roles: 'role',
  models: 'backend',
  sso: 'sso',
  scim: 'scim',
  keys: 'key',
  branding: 'settings',
  audit: 'audit',
  settings: 'settings',
} as const satisfies Record<string, Subject>;

/** The admin pages somebody may open, in the order of the navigation. */
export function pagesOf(ability: Ability): readonly string[] {
  return Object.entries(pageSubjects).flatMap(([page, subject]) => (ability.can('read', subject) ? [page] : []));
}
