import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { IdParams, PageQuery, pageOf } from './paging.js';
import { PasskeyOptions } from './passkey-api.js';
import { confirmErrors, ConfirmProof } from './security-api.js';
import { Email, MeView } from './session-api.js';
import { sessionLimitFields } from './session-limits.js';
import { Branding, LocaleName, RateLimits, RoleRef, SecondFactorRule, UsdAmount } from './tenant-spec.js';

const admin = { face: 'admin', access: 'session' } as const;

export const enterAdmin = endpoint({
  face: 'admin',
  method: 'POST',
  path: '/api/handover',
  demands: 'public',
  summary: 'Exchange the one-time hand-over of the chat for an admin session',
  access: 'public',
  body: z.strictObject({ token: z.string().min(20).max(200) }),
  status: 200,
  reply: MeView,
  errors: ['link_invalid'],
});
export const getAdminMe = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/me',
  demands: 'own',
  summary: 'Who is signed in, and which pages they may open',
  status: 200,
  reply: MeView.extend({ pages: z.array(z.string()) }),
});
export const confirmAdmin = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/session/confirm',
  demands: 'own',
  summary: 'Prove anew who one is; the session gets another token',
  body: ConfirmProof,
  status: 200,
  reply: MeView,
  errors: confirmErrors,
});
export const askAdminToConfirm = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/session/confirm/passkey-options',
  demands: 'own',
  summary: 'What to ask a passkey, to prove anew who one is',
  status: 200,
  reply: PasskeyOptions,
  errors: ['conflict'],
});
export const leaveAdmin = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/sign-out',
  demands: 'own',
  summary: 'End this admin session',
  status: 204,
});

/** Days are calendar days of `timeZone`; `to` is inclusive. At most 400 days. */
export const PeriodQuery = z.object({
  from: z.iso.date(),
  to: z.iso.date(),
  timeZone: z.string().max(64).default('UTC').describe('IANA name, as Europe/Berlin.'),
});
export type PeriodQuery = z.infer<typeof PeriodQuery>;

/** Figures of one stretch of time. Percentiles in ms, null without a sample. */
export const UsageFigures = z.object({
  requests: z.int(),
  messages: z.int().describe('Answers asked for in the chat.'),
  activePeople: z.int(),
  promptTokens: z.int(),
  completionTokens: z.int(),
  costMicroUsd: z.int(),
  errors: z.int(),
  aborted: z.int(),
  firstTokenMs: z.object({ p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() }),
  totalMs: z.object({ p50: z.number().nullable(), p95: z.number().nullable(), p99: z.number().nullable() }),
  thumbsUp: z.int(),
  thumbsDown: z.int(),
});
export type UsageFigures = z.infer<typeof UsageFigures>;

export const UsageDay = z.object({ day: z.iso.date(), figures: UsageFigures });
export const UsageModel = z.object({ model: z.string(), figures: UsageFigures });
export const UsagePerson = z.object({
  userId: z.uuid().nullable(),
  name: z.string(),
  email: z.string().nullable(),
  requests: z.int(),
  tokens: z.int(),
  costMicroUsd: z.int(),
});
export const UsageError = z.object({ code: z.string(), model: z.string(), count: z.int(), lastAt: z.iso.datetime() });

export const UsageReport = z.object({
  total: UsageFigures,
  before: UsageFigures.describe('The period of the same length before.'),
  days: z.array(UsageDay),
  models: z.array(UsageModel),
  people: z.array(UsagePerson).describe('The 20 with the highest cost.'),
  errors: z.array(UsageError),
  budget: z.object({
    monthlyMicroUsd: z.int().nullable(),
    spentMicroUsd: z.int(),
    hardStop: z.boolean(),
    resetsAt: z.iso.datetime(),
  }),
});
export type UsageReport = z.infer<typeof UsageReport>;

export const getUsage = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/usage',
  demands: { action: 'read', subject: 'usage' },
  summary: 'Usage, cost, latency and errors of a period',
  query: PeriodQuery,
  status: 200,
  reply: UsageReport,
});
export const exportUsage = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/usage.csv',
  demands: { action: 'read', subject: 'usage' },
  summary: 'The same as CSV, a row for each day and model',
  query: PeriodQuery,
  status: 200,
  replyType: 'text/csv',
});

export const PersonView = z.object({
  id: z.uuid(),
  email: z.string().nullable().describe('Null where the role of who asks holds it back.'),
  name: z.string(),
  role: RoleRef,
  roleName: z.string().nullable().describe('Of a role the organisation has made itself; else null.'),
  state: z.enum(['active', 'disabled']),
  signIn: z.array(z.enum(['password', 'oidc'])),
  groups: z
    .array(z.object({ id: z.uuid(), name: z.string() }))
    .nullable()
    .describe('Of the directory; null where the role of who asks holds them back.'),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime().nullable(),
  secondFactor: z
    .boolean()
    .nullable()
    .describe('Whether they have one; null where the role of who asks holds it back.'),
});
export type PersonView = z.infer<typeof PersonView>;
export const LinkView = z.object({ url: z.string().describe('Shown once.'), expiresAt: z.iso.datetime() });
export const InvitationView = z.object({
  id: z.uuid(),
  email: z.string(),
  role: RoleRef,
  roleName: z.string().nullable().describe('Of a role the organisation has made itself; else null.'),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime(),
  state: z.enum(['open', 'used', 'expired', 'revoked']),
});
export type InvitationView = z.infer<typeof InvitationView>;

export const listPeople = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/people',
  demands: { action: 'read', subject: 'person' },
  summary: 'The people of this organisation',
  query: PageQuery.extend({ search: z.string().trim().max(200).optional(), group: z.uuid().optional() }),
  status: 200,
  reply: pageOf(PersonView),
});
export const changePerson = endpoint({
  ...admin,
  method: 'PATCH',
  path: '/api/people/:id',
  demands: { action: 'change', subject: 'person' },
  stepUp: 'always',
  summary: 'Change role or state; disabling ends all sessions and keys at once',
  params: IdParams,
  body: z.strictObject({ role: RoleRef.optional(), state: z.enum(['active', 'disabled']).optional() }),
  status: 200,
  reply: PersonView,
  errors: ['last_owner', 'conflict'],
});
export const resetPerson = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/people/:id/reset-link',
  demands: { action: 'change', subject: 'person' },
  stepUp: 'always',
  summary: 'A one-time link to set a new password',
  params: IdParams,
  status: 201,
  reply: LinkView,
});
export const signOutPerson = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/people/:id/sign-out',
  demands: { action: 'change', subject: 'person' },
  summary: 'End all sessions of a person',
  params: IdParams,
  status: 204,
});
export const resetFactors = endpoint({
  ...admin,
  method: 'DELETE',
  path: '/api/people/:id/second-factor',
  demands: { action: 'change', subject: 'person' },
  stepUp: 'always',
  summary: 'Take away the second factors of somebody who has lost them; their sessions end',
  params: IdParams,
  status: 204,
  errors: ['conflict'],
});
export const listInvitations = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/invitations',
  demands: { action: 'read', subject: 'invitation' },
  summary: 'Invitations, newest first',
  query: PageQuery,
  status: 200,
  reply: pageOf(InvitationView),
});
export const invite = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/invitations',
  demands: { action: 'change', subject: 'invitation' },
  stepUp: 'sometimes',
  summary: 'Invite somebody by a one-time link',
  body: z.strictObject({ email: Email, role: RoleRef }),
  status: 201,
  reply: LinkView.extend({ id: z.uuid() }),
  errors: ['conflict'],
});
export const revokeInvitation = endpoint({
  ...admin,
  method: 'DELETE',
  path: '/api/invitations/:id',
  demands: { action: 'change', subject: 'invitation' },
  summary: 'Revoke an open invitation',
  params: IdParams,
  status: 204,
});

export const keyScopes = ['chat', 'embeddings', 'models'] as const;
export const KeyView = z.object({
  id: z.string(),
  name: z.string(),
  prefix: z.string().describe('The start of the key, to recognise it by.'),
  scopes: z.array(z.enum(keyScopes)),
  limits: RateLimits.nullable().describe("Of this key alone, beside the organisation's; null: none."),
  createdBy: z.string(),
  createdAt: z.iso.datetime(),
  expiresAt: z.iso.datetime().nullable(),
  lastUsedAt: z.iso.datetime().nullable(),
  revokedAt: z.iso.datetime().nullable(),
});
export type KeyView = z.infer<typeof KeyView>;
export const NewKey = z.strictObject({
  name: z.string().trim().min(1).max(80),
  scopes: z
    .array(z.enum(keyScopes))
    .min(1)
    .default([...keyScopes]),
  expiresInDays: z.int().min(1).max(3_650).nullable().default(null),
  limits: RateLimits.nullable().default(null).describe('What this key alone may use; left out: no limit of its own.'),
});
export const KeyParams = z.object({ id: z.string().regex(/^[a-z0-9]{10}$/) });
export const listKeys = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/keys',
  demands: { action: 'read', subject: 'key' },
  summary: 'API keys, newest first',
  query: PageQuery,
  status: 200,
  reply: pageOf(KeyView),
});
export const createKey = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/keys',
  demands: { action: 'change', subject: 'key' },
  stepUp: 'always',
  summary: 'Make an API key; it is shown once',
  body: NewKey,
  status: 201,
  reply: z.object({ key: KeyView, secret: z.string().describe('The whole key. Shown once.') }),
});
export const revokeKey = endpoint({
  ...admin,
  method: 'DELETE',
  path: '/api/keys/:id',
  demands: { action: 'change', subject: 'key' },
  summary: 'Revoke an API key',
  params: KeyParams,
  status: 204,
});

/** A setting with where it comes from; `manifest` is read-only here. */
function setting<Value extends z.ZodType>(value: Value) {
  return z.object({ value: value.nullable(), source: z.enum(['manifest', 'setting', 'default']) });
}
export const SettingsView = z.object({
  displayName: setting(z.string()),
  branding: z.object({
    logo: setting(z.string()),
    primaryColor: setting(z.string()),
    greeting: setting(z.string()),
    starters: setting(z.array(z.string())),
    supportEmail: setting(z.string()),
    locale: setting(LocaleName),
  }),
  models: z.object({
    default: setting(z.string()),
    allow: setting(z.array(z.string())),
    fallback: setting(z.array(z.string())),
    systemPrompt: setting(z.string()),
    rateLimits: setting(RateLimits),
    monthlyUsd: setting(UsdAmount),
    hardStop: setting(z.boolean()),
    discover: setting(z.boolean()),
  }),
  security: z.object({
    secondFactor: setting(SecondFactorRule),
    sessions: z.object({
      idleMinutes: setting(z.int()),
      absoluteHours: setting(z.int()),
      adminIdleMinutes: setting(z.int()),
      adminAbsoluteHours: setting(z.int()),
    }),
  }),
});
export type SettingsView = z.infer<typeof SettingsView>;
/** A field left out stays; null takes the setting back to its default. A field of the manifest is refused. */
export const SettingsChange = z.strictObject({
  branding: z
    .strictObject({
      logo: Branding.shape.logo.unwrap().nullable(),
      primaryColor: Branding.shape.primaryColor.unwrap().nullable(),
      greeting: z.string().min(1).max(200).nullable(),
      starters: z.array(z.string().min(1).max(200)).max(4).nullable(),
      supportEmail: Email.nullable(),
      locale: LocaleName.nullable(),
    })
    .partial()
    .optional(),
  models: z
    .strictObject({
      default: z.string().max(200).nullable(),
      allow: z.array(z.string().max(200)).max(64).nullable(),
      fallback: z.array(z.string().max(200)).max(8).nullable(),
      systemPrompt: z.string().max(8_000).nullable(),
      rateLimits: RateLimits.nullable(),
      monthlyUsd: UsdAmount.nullable(),
      hardStop: z.boolean().nullable(),
      discover: z.boolean().nullable(),
    })
    .partial()
    .optional(),
  security: z
    .strictObject({
      secondFactor: SecondFactorRule.nullable().optional(),
      sessions: z
        .strictObject({
          idleMinutes: sessionLimitFields.idleMinutes.nullable(),
          absoluteHours: sessionLimitFields.absoluteHours.nullable(),
          adminIdleMinutes: sessionLimitFields.adminIdleMinutes.nullable(),
          adminAbsoluteHours: sessionLimitFields.adminAbsoluteHours.nullable(),
        })
        .partial()
        .optional(),
    })
    .optional(),
});
export type SettingsChange = z.infer<typeof SettingsChange>;
export const getSettings = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/settings',
  demands: { action: 'read', subject: 'settings' },
  summary: 'Settings, each with its source',
  status: 200,
  reply: SettingsView,
});
export const changeSettings = endpoint({
  ...admin,
  method: 'PATCH',
  path: '/api/settings',
  demands: { action: 'change', subject: 'settings' },
  stepUp: 'sometimes',
  summary: 'Change what the manifest leaves open',
  body: SettingsChange,
  status: 200,
  reply: SettingsView,
  errors: ['managed_by_manifest'],
});

export const BackendView = z.object({
  name: z.string(),
  provider: z.string(),
  url: z.string().nullable(),
  source: z.enum(['manifest', 'found', 'demo']),
  used: z.boolean(),
  reachable: z.boolean(),
  problem: z.string().nullable(),
  models: z.array(z.object({ id: z.string(), kind: z.enum(['chat', 'embeddings']), allowed: z.boolean() })),
});
export type BackendView = z.infer<typeof BackendView>;
export const listBackends = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/backends',
  demands: { action: 'read', subject: 'backend' },
  summary: 'Model servers of this organisation, and those found on this machine',
  status: 200,
  reply: z.object({ backends: z.array(BackendView) }),
});
export const useBackend = endpoint({
  ...admin,
  method: 'PUT',
  path: '/api/backends/:name/use',
  demands: { action: 'change', subject: 'backend' },
  summary: 'Use a found model server, or stop using it',
  params: z.object({ name: z.string().max(64) }),
  body: z.strictObject({ use: z.boolean() }),
  status: 204,
});

export const AuditView = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  actor: z.object({ kind: z.enum(['person', 'key', 'system']), id: z.string().nullable(), name: z.string() }),
  action: z.string().describe('noun.verb, as session.create'),
  target: z.string().nullable(),
  outcome: z.enum(['success', 'refused']),
  reason: z.string().nullable(),
  address: z.string().nullable(),
  requestId: z.string().nullable(),
});
export type AuditView = z.infer<typeof AuditView>;
export const listAudit = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/audit',
  demands: { action: 'read', subject: 'audit' },
  summary: 'Sign-ins and admin actions, newest first',
  query: PageQuery.extend({
    action: z.string().max(64).optional(),
    outcome: z.enum(['success', 'refused']).optional(),
  }),
  status: 200,
  reply: pageOf(AuditView),
});
