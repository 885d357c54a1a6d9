import { z } from 'zod';
import {
  ScimAttributes,
  ScimGroup,
  type ScimGroupView,
  scimSchemas,
  ScimUser,
  type ScimUserView,
} from '#libs/contracts/scim-views.js';
import { Email } from '#libs/contracts/session-api.js';
import { nameFromEmail } from '../../domain/person.js';
import type { DirectoryGroup, DirectoryUser } from '../../domain/scim/directory.js';
import { ScimError } from '../../domain/scim/scim-error.js';
import { isObject } from '../../domain/scim/scim-path.js';

/** What a directory has told of a person. */
export interface ToldUser {
  readonly userName: string;
  readonly externalId: string | null;
  readonly email: string;
  readonly name: string;
  /** Undefined: it did not say. */
  readonly isActive: boolean | undefined;
  readonly attributes: ScimAttributes;
}

/** Names of attributes as the schema writes them; directories may write them in any case. */
const canonical = new Map(
  [...Object.keys(ScimUser.shape), ...Object.keys(ScimGroup.shape)].map((name) => [name.toLowerCase(), name]),
);

function withCanonicalNames(resource: unknown): unknown {
  if (!isObject(resource)) return resource;
  return Object.fromEntries(
    Object.entries(resource).map(([key, value]) => [canonical.get(key.toLowerCase()) ?? key, value]),
  );
}

function parsed<Shape extends z.ZodType>(shape: Shape, resource: unknown): z.output<Shape> {
  const result = shape.safeParse(withCanonicalNames(resource));
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new ScimError('bad_request', `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`, 'invalidValue');
}

/** @throws {ScimError} invalidValue with the attribute at fault */
export function readUser(resource: unknown): ToldUser {
  const { userName, externalId, active, ...attributes } = parsed(ScimUser, resource);
  const email = emailOf(userName, attributes);
  return {
    userName,
    externalId: externalId ?? null,
    email,
    name: nameOf(attributes) ?? nameFromEmail(email),
    isActive: active ?? undefined,
    attributes,
  };
}

function emailOf(userName: string, { emails }: ScimAttributes): string {
  const listed = emails ?? [];
  const chosen =
    listed.find(({ primary }) => primary === true) ?? listed.find(({ type }) => type === 'work') ?? listed[0];
  const email = Email.safeParse(chosen?.value ?? userName);
  if (email.success) return email.data;
  throw new ScimError('bad_request', 'emails: a person needs an e-mail address, there or as userName.', 'invalidValue');
}

function nameOf({ displayName, name }: ScimAttributes): string | null {
  const whole = [name?.givenName, name?.familyName].filter((part) => (part ?? '') !== '').join(' ');
  const found = [displayName, name?.formatted, whole].map((one) => (one ?? '').trim()).find((one) => one !== '');
  return found?.slice(0, 120) ?? null;
}

/** @throws {ScimError} invalidValue with the attribute at fault */
export function readGroup(resource: unknown): ScimGroup {
  return parsed(ScimGroup, resource);
}

/** What a PATCH of a person starts from. */
export function editableUser(user: DirectoryUser): Record<string, unknown> {
  const { userName, externalId, attributes } = user;
  return {
    ...(Object.keys(attributes).length === 0 ? fromPerson(user) : attributes),
    userName,
    ...(externalId === null ? {} : { externalId }),
    active: isActive(user),
  };
}

/** Of somebody the directory has not told of yet. */
function fromPerson({ person }: DirectoryUser): ScimAttributes {
  return { displayName: person.name, emails: [{ value: person.email, type: 'work', primary: true }] };
}

function isActive({ isActive: isWanted, person }: DirectoryUser): boolean {
  return isWanted && person.state === 'active';
}

/** @param base `https://acme.example/scim/v2` */
export function userView(user: DirectoryUser, base: string): ScimUserView {
  const { person, createdAt, changedAt, groups } = user;
  const known = ScimUser.parse(editableUser(user));
  const isExtended = known[scimSchemas.enterprise] !== undefined && known[scimSchemas.enterprise] !== null;
  return {
    schemas: isExtended ? [scimSchemas.user, scimSchemas.enterprise] : [scimSchemas.user],
    id: person.id,
    ...known,
    active: isActive(user),
    groups: groups.map(({ id, name }) => ({ value: id, display: name })),
    meta: {
      resourceType: 'User',
      created: createdAt.toISOString(),
      lastModified: changedAt.toISOString(),
      location: `${base}/Users/${person.id}`,
    },
  };
}

/** @param members null: left out */
export function groupView(
  group: DirectoryGroup,
  members: readonly { readonly id: string; readonly name: string }[] | null,
  base: string,
): ScimGroupView {
  return {
    schemas: [scimSchemas.group],
    id: group.id,
    displayName: group.name,
    ...(group.externalId === null ? {} : { externalId: group.externalId }),
    ...(members === null ? {} : { members: members.map(({ id, name }) => ({ value: id, display: name })) }),
    meta: {
      resourceType: 'Group',
      created: group.createdAt.toISOString(),
      lastModified: group.changedAt.toISOString(),
      location: `${base}/Groups/${group.id}`,
    },
  };
}
