import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { ScimGroupView, scimListOf, ScimPatch, ScimUserView } from './scim-views.js';

const scim = {
  face: 'chat',
  access: 'scim-token',
  crossSite: true,
  replyType: 'application/scim+json',
  demands: 'scim-token',
} as const;
const params = z.object({ id: z.string().max(200) });
const Resource = z.record(z.string(), z.unknown());
const Whole = z.looseObject({ id: z.string().optional() });

/** Longest page. */
export const scimPageLimit = 200;

const page = z.object({
  filter: z.string().max(500).optional().describe('`attribute eq "value"`.'),
  startIndex: z.coerce.number().int().default(1),
  count: z.coerce.number().int().default(100).describe('At most 200.'),
  excludedAttributes: z.string().max(200).optional().describe('`members` leaves them out.'),
  attributes: z.string().max(500).optional(),
});
const one = z.object({
  excludedAttributes: z.string().max(200).optional(),
  attributes: z.string().max(500).optional(),
});

export const scimListUsers = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/Users',
  summary: 'People',
  query: page,
  status: 200,
  reply: scimListOf(ScimUserView),
});
export const scimGetUser = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/Users/:id',
  summary: 'A person',
  params,
  query: one,
  status: 200,
  reply: ScimUserView,
});
export const scimCreateUser = endpoint({
  ...scim,
  method: 'POST',
  path: '/scim/v2/Users',
  summary: 'Make a person, who comes in by the first sign-in at the identity provider',
  body: Resource,
  status: 201,
  reply: ScimUserView,
  errors: ['conflict'],
});
export const scimReplaceUser = endpoint({
  ...scim,
  method: 'PUT',
  path: '/scim/v2/Users/:id',
  summary: 'Replace what is known of a person',
  params,
  body: Resource,
  status: 200,
  reply: ScimUserView,
  errors: ['conflict', 'forbidden'],
});
export const scimPatchUser = endpoint({
  ...scim,
  method: 'PATCH',
  path: '/scim/v2/Users/:id',
  summary: 'Change a person; active: false ends sessions, keys and sockets at once',
  params,
  body: ScimPatch,
  status: 200,
  reply: ScimUserView,
  errors: ['conflict', 'forbidden'],
});
export const scimDeleteUser = endpoint({
  ...scim,
  method: 'DELETE',
  path: '/scim/v2/Users/:id',
  summary: 'Take a person out of the directory; what they wrote stays',
  params,
  status: 204,
  errors: ['forbidden'],
});
export const scimListGroups = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/Groups',
  summary: 'Groups',
  query: page,
  status: 200,
  reply: scimListOf(ScimGroupView),
});
export const scimGetGroup = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/Groups/:id',
  summary: 'A group and its members',
  params,
  query: one,
  status: 200,
  reply: ScimGroupView,
});
export const scimCreateGroup = endpoint({
  ...scim,
  method: 'POST',
  path: '/scim/v2/Groups',
  summary: 'Make a group',
  body: Resource,
  status: 201,
  reply: ScimGroupView,
  errors: ['conflict'],
});
export const scimReplaceGroup = endpoint({
  ...scim,
  method: 'PUT',
  path: '/scim/v2/Groups/:id',
  summary: 'Replace a group and its members',
  params,
  body: Resource,
  status: 200,
  reply: ScimGroupView,
  errors: ['conflict'],
});
export const scimPatchGroup = endpoint({
  ...scim,
  method: 'PATCH',
  path: '/scim/v2/Groups/:id',
  summary: 'Change a group or its members',
  params,
  body: ScimPatch,
  status: 200,
  reply: ScimGroupView,
  errors: ['conflict'],
});
export const scimDeleteGroup = endpoint({
  ...scim,
  method: 'DELETE',
  path: '/scim/v2/Groups/:id',
  summary: 'Delete a group; roles that came from it go',
  params,
  status: 204,
});
export const scimConfig = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/ServiceProviderConfig',
  summary: 'What of SCIM 2.0 is there',
  status: 200,
  reply: Whole,
});
export const scimListSchemas = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/Schemas',
  summary: 'Schemas of people and groups',
  status: 200,
  reply: scimListOf(Whole),
});
export const scimGetSchema = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/Schemas/:id',
  summary: 'A schema',
  params,
  status: 200,
  reply: Whole,
});
export const scimListResourceTypes = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/ResourceTypes',
  summary: 'Kinds of resources',
  status: 200,
  reply: scimListOf(Whole),
});
export const scimGetResourceType = endpoint({
  ...scim,
  method: 'GET',
  path: '/scim/v2/ResourceTypes/:id',
  summary: 'A kind of resources',
  params,
  status: 200,
  reply: Whole,
});
