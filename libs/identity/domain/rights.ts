import { createMongoAbility, type ForcedSubject, type MongoAbility, type RawRuleOf, subject } from '@casl/ability';
import { AppError } from '#libs/kernel/errors.js';

export type Action = 'read' | 'change';

/** What a role of the organisation's own may give rights to. */
export type GrantableSubject =
  'person' | 'invitation' | 'key' | 'settings' | 'sso' | 'usage' | 'audit' | 'backend' | 'role' | 'group' | 'scim';

/**
 * What rights are about. `owner` stands for being an owner: whoever may not change it can neither make, change nor end
 * one, because nobody reaches people with more rights than their own.
 */
export type Subject = GrantableSubject | 'owner';

/** The facts of a thing that conditions are about. */
export type Facts = Readonly<Record<string, string | null>>;

type Thing = Facts & ForcedSubject<Subject>;

export type Ability = MongoAbility<[Action, Subject | Thing]>;

/** One rule of a role. A condition value `$self` is the id of whoever has the role. */
export type RoleRule = RawRuleOf<Ability>;

/** Stands for the person who has the role, in conditions. */
const self = '$self';

function withSelf(value: unknown, personId: string): unknown {
  if (value === self) return personId;
  if (Array.isArray(value)) return value.map((item) => withSelf(item, personId));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withSelf(inner, personId)]));
}

/** What the rules allow to one person. The tenant is no condition: its schema is the boundary. */
export function abilityFrom(rules: readonly RoleRule[], personId: string): Ability {
  return createMongoAbility<Ability>(
    rules.map((rule) => ({ ...rule, ...(withSelf({ conditions: rule.conditions }, personId) as Partial<RoleRule>) })),
  );
}

/** Whether the rules say another thing to each who has them. */
export function namesSelf(rules: readonly RoleRule[]): boolean {
  return rules.some(({ conditions }) => JSON.stringify(conditions ?? null).includes(`"${self}"`));
}

/** A thing with its facts, as the rules judge it. */
function thing(name: Subject, facts: Facts): Thing {
  return subject(name, { ...facts });
}

/** @throws {AppError} forbidden when no rule allows it for anything of the kind */
export function demand(ability: Ability, action: Action, name: Subject): void {
  if (!ability.can(action, name)) throw forbidden();
}

/**
 * For one thing, and for the fields that are named.
 * @throws {AppError} not_found where the caller may not even see it; forbidden with the field at fault
 */
export function demandFor(
  ability: Ability,
  action: Action,
  about: { readonly subject: GrantableSubject; readonly facts: Facts; readonly fields?: readonly string[] },
): void {
  const what = thing(about.subject, about.facts);
  if (!ability.can('read', what) && !ability.can(action, what))
    throw new AppError('not_found', 'There is nothing of this name.');
  if (!ability.can(action, what)) throw forbidden();
  const field = about.fields?.find((one) => !ability.can(action, what, one));
  if (field !== undefined) throw forbidden(field);
}

/** @throws {AppError} forbidden with the field, where the rules let only other fields of the kind be changed */
export function demandFields(ability: Ability, name: GrantableSubject, fields: readonly string[]): void {
  const field = fields.find((one) => !ability.can('change', name, one));
  if (field !== undefined) throw forbidden(field);
}

/** Whether one field of a thing may be read. */
export function mayRead(ability: Ability, name: GrantableSubject, facts: Facts, field: string): boolean {
  return ability.can('read', thing(name, facts), field);
}

/** Whether the field may be read of everything of the kind that may be read at all. */
export function mayReadAlways(ability: Ability, name: GrantableSubject, field: string): boolean {
  return ability.rulesFor('read', name).every(({ fields, inverted }) => !inverted && (fields?.includes(field) ?? true));
}

/** Whether it allows more than to look. */
export function changesAnything(ability: Ability): boolean {
  return ability.rules.some(({ action, inverted }) => inverted !== true && [action].flat().includes('change'));
}

function forbidden(field?: string): AppError {
  return field === undefined
    ? new AppError('forbidden', 'Your role does not allow this.')
    : new AppError('forbidden', `Your role does not let you change ${field}.`, { field });
}

/**
 * Nobody gives rights beyond their own, nor reaches people who have more.
 * @throws {AppError} forbidden
 */
export function demandCovers(own: Ability, wanted: Ability): void {
  if (!covers(own, wanted))
    throw new AppError('forbidden', 'This takes rights that your own role does not have.', {
      action: 'Ask somebody whose role has these rights.',
    });
}

/** Whether everything `wanted` allows is allowed by `own`, told by the rules alone: what cannot be told is a no. */
export function covers(own: Ability, wanted: Ability): boolean {
  const single = wanted.rules.flatMap((rule) =>
    [rule.action].flat().flatMap((action) => [rule.subject].flat().map((name) => ({ rule, action, name }))),
  );
  return single.every(({ rule, action, name }) => rule.inverted === true || hasRule(own, action, name, rule));
}

function hasRule(own: Ability, action: Action, name: RoleRule['subject'], wanted: RoleRule): boolean {
  const mine = own.rules.filter(
    (rule) => [rule.action].flat().includes(action) && [rule.subject].flat().includes(one(name)),
  );
  return (
    mine.every(({ inverted }) => inverted !== true) &&
    mine.some((rule) => allowsCondition(rule, wanted) && allowsFields(rule, wanted))
  );
}

function one(name: RoleRule['subject']): Subject {
  return [name].flat()[0] as Subject;
}

function allowsCondition({ conditions }: RoleRule, wanted: RoleRule): boolean {
  return conditions === undefined || JSON.stringify(conditions) === JSON.stringify(wanted.conditions);
}

function allowsFields({ fields }: RoleRule, wanted: RoleRule): boolean {
  if (fields === undefined) return true;
  const allowed = [fields].flat();
  return wanted.fields !== undefined && [wanted.fields].flat().every((field) => allowed.includes(field));
}
