import { AppError } from '#libs/kernel/errors.js';
import type { Action, GrantableSubject, RoleRule } from './rights.js';

/** A role that an organisation has made itself. */
export interface CustomRole {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly rules: readonly RoleRule[];
  /** Rises with each change. */
  readonly version: number;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly changedBy: string;
}

/** What a condition may ask of a fact. */
export interface Comparison {
  readonly $eq?: string | null | undefined;
  readonly $ne?: string | null | undefined;
  readonly $in?: readonly (string | null)[] | undefined;
  readonly $nin?: readonly (string | null)[] | undefined;
}

/** One line of a role's rights, as people write it. */
export interface Right {
  readonly subject: GrantableSubject;
  readonly actions: readonly Action[];
  /** Only these fields; left out: all. */
  readonly fields?: readonly string[] | undefined;
  /** Only things whose facts are such; left out: all. */
  readonly where?: Readonly<Record<string, string | null | Comparison>> | undefined;
}

interface Grantable {
  readonly actions: readonly Action[];
  /** Facts that conditions may name. */
  readonly facts: readonly string[];
  /** Fields that may be held back from reading, and that may be the only ones to change. */
  readonly fields: Readonly<Partial<Record<Action, readonly string[]>>>;
}

const both: readonly Action[] = ['read', 'change'];
const plain: Grantable = { actions: both, facts: [], fields: {} };

/** What a role may give for each subject. Only owners make roles, so that right cannot be given. */
export const grantable: Readonly<Record<GrantableSubject, Grantable>> = {
  person: {
    actions: both,
    facts: ['id', 'role', 'state'],
    fields: { read: ['email', 'groups', 'lastSeenAt'], change: ['role', 'state'] },
  },
  invitation: plain,
  key: { actions: both, facts: ['personId'], fields: {} },
  settings: { actions: both, facts: [], fields: { change: ['branding', 'models', 'security'] } },
  sso: plain,
  usage: { actions: ['read'], facts: [], fields: {} },
  audit: { actions: ['read'], facts: ['actorId', 'action', 'outcome'], fields: { read: ['address', 'reason'] } },
  backend: plain,
  role: { actions: ['read'], facts: [], fields: {} },
  group: plain,
  scim: plain,
};

/**
 * The rules that rights mean. To change a thing is to see it, too.
 * @throws {AppError} bad_request with the right at fault
 */
export function rulesFrom(rights: readonly Right[]): readonly RoleRule[] {
  return rights.map((right, index) => {
    refuseUnknown(right, `rights.${index}`);
    const rule: RoleRule = { action: [...right.actions], subject: right.subject };
    if (right.fields !== undefined) rule.fields = [...right.fields];
    if (right.where !== undefined) rule.conditions = right.where;
    return rule;
  });
}

function refuseUnknown({ subject, actions, fields, where }: Right, at: string): void {
  const can = grantable[subject];
  const action = actions.find((one) => !can.actions.includes(one));
  if (action !== undefined) throw refused(`${at}.actions`, `nobody can be given "${action}" of ${subject}`);
  if (fields !== undefined && actions.length !== 1)
    throw refused(`${at}.fields`, 'a right over some fields has one action; add a second right for the other');
  const known = actions.flatMap((one) => can.fields[one] ?? []);
  const field = fields?.find((one) => !known.includes(one));
  if (field !== undefined)
    throw refused(`${at}.fields`, `"${field}" is none of ${known.join(', ') || 'the fields (there are none)'}`);
  const fact = Object.keys(where ?? {}).find((one) => !can.facts.includes(one));
  if (fact !== undefined)
    throw refused(`${at}.where`, `"${fact}" is none of ${can.facts.join(', ') || 'the facts (there are none)'}`);
}

function refused(field: string, message: string): AppError {
  return new AppError('bad_request', `The field ${field}: ${message}.`, { field });
}

/** The rights that rules mean: the other way round. */
export function rightsFrom(rules: readonly RoleRule[]): readonly Right[] {
  return rules.map(({ action, subject, fields, conditions }) => ({
    subject: [subject].flat()[0] as GrantableSubject,
    actions: [action].flat(),
    ...(fields === undefined ? {} : { fields: [fields].flat() }),
    ...(conditions === undefined ? {} : { where: conditions as NonNullable<Right['where']> }),
  }));
}
