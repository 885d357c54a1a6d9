import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { IdParams } from './paging.js';
import { CustomRoleRef, RoleName } from './tenant-spec.js';

const admin = { face: 'admin', access: 'session' } as const;

/** What a role of an organisation's own may give rights to. */
export const rightSubjects = [
  'person',
  'invitation',
  'group',
  'role',
  'key',
  'usage',
  'audit',
  'backend',
  'settings',
  'sso',
  'scim',
] as const;

const Fact = z.string().max(200).nullable();
const Comparison = z
  .strictObject({
    $eq: Fact.optional(),
    $ne: Fact.optional(),
    $in: z.array(Fact).min(1).max(50).optional(),
    $nin: z.array(Fact).min(1).max(50).optional(),
  })
  .refine((value) => Object.keys(value).length > 0, 'must compare with something');

/** One line of a role's rights. */
export const RightView = z.strictObject({
  subject: z.enum(rightSubjects),
  actions: z
    .array(z.enum(['read', 'change']))
    .min(1)
    .max(2),
  fields: z
    .array(z.string().max(40))
    .min(1)
    .max(10)
    .optional()
    .describe(
      'Only these fields: person (read email, groups, lastSeenAt, secondFactor; change role, state, secondFactor), settings, audit.',
    ),
  where: z
    .record(z.string().max(40), z.union([Fact, Comparison]))
    .optional()
    .describe(
      'Only things whose facts are such: person (id, role, state), key (personId), audit (actorId, action, outcome). `$self` is whoever has the role.',
    ),
});
export type RightView = z.infer<typeof RightView>;

const DescribedRole = z.strictObject({
  name: z.string().trim().min(1).max(60),
  description: z.string().trim().max(300).default(''),
  rights: z.array(RightView).max(40),
});

export const RoleView = DescribedRole.extend({
  id: z.uuid(),
  ref: CustomRoleRef.describe('How people, groups and rules name it.'),
  version: z.int(),
  changedAt: z.iso.datetime(),
  changedBy: z.string(),
  uses: z.object({ people: z.int(), invitations: z.int(), groups: z.int() }),
});
export type RoleView = z.infer<typeof RoleView>;

export const listRoles = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/roles',
  demands: { action: 'read', subject: 'role' },
  summary: 'Roles: those that every organisation has, and its own',
  status: 200,
  reply: z.object({
    system: z.array(z.object({ role: RoleName, rights: z.array(RightView) })),
    custom: z.array(RoleView),
  }),
});
export const createRole = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/roles',
  demands: { action: 'change', subject: 'role' },
  stepUp: 'always',
  summary: 'Make a role',
  body: DescribedRole,
  status: 201,
  reply: RoleView,
  errors: ['conflict'],
});
export const changeRole = endpoint({
  ...admin,
  method: 'PUT',
  path: '/api/roles/:id',
  demands: { action: 'change', subject: 'role' },
  stepUp: 'always',
  summary: 'Change a role; whoever has it has the new rights at once',
  params: IdParams,
  body: DescribedRole.extend({ version: z.int().describe('As it was read.') }),
  status: 200,
  reply: RoleView,
  errors: ['conflict'],
});
export const deleteRole = endpoint({
  ...admin,
  method: 'DELETE',
  path: '/api/roles/:id',
  demands: { action: 'change', subject: 'role' },
  summary: 'Delete a role that nobody has and nothing gives',
  params: IdParams,
  status: 204,
  errors: ['conflict'],
});
