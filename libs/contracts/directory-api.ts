import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { IdParams, PageQuery, pageOf } from './paging.js';
import { CustomRoleRef, RoleName } from './tenant-spec.js';

const admin = { face: 'admin', access: 'session' } as const;

export const GroupView = z.object({
  id: z.uuid(),
  name: z.string(),
  externalId: z.string().nullable(),
  role: z.union([RoleName, CustomRoleRef]).nullable().describe('What its members become; null: nothing.'),
  roleName: z.string().nullable().describe('Of a role the organisation has made itself; else null.'),
  members: z.int(),
  changedAt: z.iso.datetime(),
});
export type GroupView = z.infer<typeof GroupView>;

export const listGroups = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/groups',
  demands: { action: 'read', subject: 'group' },
  summary: "Groups of the organisation's directory, by name",
  query: PageQuery.extend({ search: z.string().trim().max(200).optional() }),
  status: 200,
  reply: pageOf(GroupView),
});
export const changeGroup = endpoint({
  ...admin,
  method: 'PATCH',
  path: '/api/groups/:id',
  demands: { action: 'change', subject: 'group' },
  stepUp: 'always',
  summary: 'Say what role its members have; nobody becomes an owner by a group',
  params: IdParams,
  body: z.strictObject({ role: z.union([RoleName.exclude(['owner']), CustomRoleRef]).nullable() }),
  status: 200,
  reply: GroupView,
});

export const ScimTokenView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('The start of the token, to recognise it by.'),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});
export type ScimTokenView = z.infer<typeof ScimTokenView>;

export const getScim = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/scim',
  demands: { action: 'read', subject: 'scim' },
  summary: 'How the directory of the organisation is connected',
  status: 200,
  reply: z.object({
    baseUrl: z.string().describe('What the directory has to be told.'),
    tokens: z.array(ScimTokenView).describe('Newest first.'),
    people: z.int().describe('That the directory has told of.'),
    groups: z.int(),
  }),
});
export const createScimToken = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/scim/tokens',
  demands: { action: 'change', subject: 'scim' },
  stepUp: 'always',
  summary: 'Make a token for the directory; it is shown once',
  body: z.strictObject({
    name: z.string().trim().min(1).max(80),
    expiresInDays: z.int().min(1).max(730).default(365),
  }),
  status: 201,
  reply: z.object({ token: ScimTokenView, secret: z.string().describe('The whole token. Shown once.') }),
});
export const revokeScimToken = endpoint({
  ...admin,
  method: 'DELETE',
  path: '/api/scim/tokens/:id',
  demands: { action: 'change', subject: 'scim' },
  summary: 'Revoke a token of the directory',
  params: z.object({ id: z.string().regex(/^[a-z0-9]{10}$/) }),
  status: 204,
});
