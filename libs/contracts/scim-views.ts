import { z } from 'zod';

export const scimSchemas = {
  user: 'urn:ietf:params:scim:schemas:core:2.0:User',
  enterprise: 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
  group: 'urn:ietf:params:scim:schemas:core:2.0:Group',
  list: 'urn:ietf:params:scim:api:messages:2.0:ListResponse',
  patch: 'urn:ietf:params:scim:api:messages:2.0:PatchOp',
  error: 'urn:ietf:params:scim:api:messages:2.0:Error',
} as const;

/** `true` as Okta and as Entra send it. */
const Flag = z.preprocess(
  (value) => (typeof value === 'string' && /^(true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value),
  z.boolean(),
);
const Text = z.string().max(1_024);
const Words = Text.nullish();

/** Values of a list attribute, as e-mails and phone numbers are. */
const Listed = z.array(z.object({ value: Words, display: Words, type: Words, primary: Flag.nullish() })).max(50);

const Name = z.object({
  formatted: Words,
  familyName: Words,
  givenName: Words,
  middleName: Words,
  honorificPrefix: Words,
  honorificSuffix: Words,
});

const Enterprise = z.object({
  employeeNumber: Words,
  costCenter: Words,
  organization: Words,
  division: Words,
  department: Words,
  manager: z.union([Text, z.object({ value: Words, displayName: Words, $ref: Words })]).nullish(),
});

/** What is kept of a person's attributes, beside those that are ours. Passwords are not. */
export const ScimAttributes = z.object({
  name: Name.nullish(),
  displayName: Words,
  nickName: Words,
  title: Words,
  userType: Words,
  preferredLanguage: Words,
  locale: Words,
  timezone: Words,
  profileUrl: Words,
  emails: Listed.nullish(),
  phoneNumbers: Listed.nullish(),
  addresses: z
    .array(z.record(z.string().max(40), z.union([Text, z.boolean()]).nullish()))
    .max(10)
    .nullish(),
  [scimSchemas.enterprise]: Enterprise.nullish(),
});
export type ScimAttributes = z.infer<typeof ScimAttributes>;

/** A person as the directory sends them; attributes we do not know are left aside. */
export const ScimUser = ScimAttributes.extend({
  userName: z.string().trim().min(1).max(254),
  externalId: Words,
  active: Flag.nullish(),
});
export type ScimUser = z.infer<typeof ScimUser>;

export const ScimMember = z.object({ value: z.string().max(100), display: Words });

/** A group as the directory sends it. */
export const ScimGroup = z.object({
  displayName: z.string().trim().min(1).max(256),
  externalId: Words,
  members: z.array(ScimMember).max(10_000).nullish(),
});
export type ScimGroup = z.infer<typeof ScimGroup>;

export const ScimPatch = z.object({
  schemas: z.array(z.string()).optional(),
  Operations: z
    .array(z.object({ op: z.string().max(10), path: z.string().max(500).optional(), value: z.unknown().optional() }))
    .min(1)
    .max(100),
});

const Meta = z.object({
  resourceType: z.string(),
  created: z.iso.datetime().optional(),
  lastModified: z.iso.datetime().optional(),
  location: z.string(),
});
const shown = { schemas: z.array(z.string()), id: z.string(), meta: Meta };

export const ScimUserView = ScimUser.extend({
  ...shown,
  active: z.boolean(),
  groups: z.array(z.object({ value: z.string(), display: z.string() })),
});
export type ScimUserView = z.infer<typeof ScimUserView>;
export const ScimGroupView = z.object({
  ...shown,
  displayName: z.string(),
  externalId: Words,
  members: z.array(z.object({ value: z.string(), display: z.string() })).optional(),
});
export type ScimGroupView = z.infer<typeof ScimGroupView>;

export function scimListOf<Item extends z.ZodType>(item: Item) {
  return z.object({
    schemas: z.array(z.string()),
    totalResults: z.int(),
    startIndex: z.int(),
    itemsPerPage: z.int(),
    Resources: z.array(item),
  });
}

/** An error of SCIM (RFC 7644, 3.12). */
export const ScimErrorBody = z.object({
  schemas: z.array(z.string()),
  status: z.string(),
  scimType: z.string().optional(),
  detail: z.string(),
});
export type ScimErrorBody = z.infer<typeof ScimErrorBody>;
