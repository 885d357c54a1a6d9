import { createMongoAbility, type MongoAbility, type RawRuleOf } from '@casl/ability';
import { AppError } from '#libs/kernel/errors.js';
import type { Role } from '#libs/tenancy/domain/role.js';

export type Action = 'read' | 'change';

/** What rights are about. `owner` is a person who is an owner: only owners may make, change or end one. */
export type Subject = 'person' | 'owner' | 'invitation' | 'key' | 'settings' | 'sso' | 'usage' | 'audit' | 'backend';

export type Ability = MongoAbility<[Action, Subject]>;

const everything: Subject[] = ['person', 'invitation', 'key', 'settings', 'sso', 'usage', 'audit', 'backend'];

const rules: Readonly<Record<Role, readonly RawRuleOf<Ability>[]>> = {
  owner: [{ action: ['read', 'change'], subject: [...everything, 'owner'] }],
  admin: [
    { action: ['read', 'change'], subject: everything },
    { action: 'read', subject: 'owner' },
  ],
  auditor: [{ action: 'read', subject: [...everything, 'owner'] }],
  billing: [{ action: 'read', subject: ['usage', 'settings'] }],
  member: [],
};

const abilities: Readonly<Record<Role, Ability>> = {
  owner: build('owner'),
  admin: build('admin'),
  auditor: build('auditor'),
  billing: build('billing'),
  member: build('member'),
};

function build(role: Role): Ability {
  return createMongoAbility<Ability>([...rules[role]]);
}

/** What a role may do. The tenant is no condition: its schema is the boundary. */
export function abilityOf(role: Role): Ability {
  return abilities[role];
}

/** @throws {AppError} forbidden */
export function demand(ability: Ability, action: Action, subject: Subject): void {
  if (ability.can(action, subject)) return;
  throw new AppError('forbidden', 'Your role does not allow this.');
}

/** Whether the person behind `role` counts as an owner or as any other person. */
export function personSubject(role: Role): Subject {
  return role === 'owner' ? 'owner' : 'person';
}

const pageSubjects = {
  overview: 'usage',
  usage: 'usage',
  people: 'person',
  models: 'backend',
  sso: 'sso',
  keys: 'key',
  branding: 'settings',
  audit: 'audit',
  settings: 'settings',
} as const satisfies Record<string, Subject>;

/** The admin pages a role may open, in the order of the navigation. */
export function pagesOf(role: Role): readonly string[] {
  const ability = abilityOf(role);
  return Object.entries(pageSubjects).flatMap(([page, subject]) => (ability.can('read', subject) ? [page] : []));
}
