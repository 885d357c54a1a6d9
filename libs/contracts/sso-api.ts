import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { IdParams } from './paging.js';
import { GroupRole, OidcSettings, RoleRef, SamlSettings, SsoPolicySettings } from './tenant-spec.js';

const admin = { face: 'admin', access: 'session' } as const;

/** A connection as an admin describes it: the manifest's words, with the secret itself in place of its name. */
export const SsoDraft = z
  .strictObject({
    type: z.enum(['oidc', 'saml']),
    oidc: OidcSettings.omit({ clientSecretRef: true })
      .extend({
        clientSecret: z
          .string()
          .min(1)
          .max(1_024)
          .optional()
          .describe('Left out: the one that is known already, or a public client.'),
      })
      .optional(),
    saml: SamlSettings.optional(),
    ...SsoPolicySettings.shape,
    groupRoleMap: z
      .array(GroupRole.extend({ role: RoleRef }))
      .max(200)
      .optional()
      .describe('First match wins. A role the organisation has made itself is named `role:<id>`.'),
  })
  .refine((draft) => (draft.type === 'oidc') === (draft.oidc !== undefined), {
    path: ['oidc'],
    message: 'must be set when type is oidc, and only then',
  })
  .refine((draft) => (draft.type === 'saml') === (draft.saml !== undefined), {
    path: ['saml'],
    message: 'must be set when type is saml, and only then',
  });
export type SsoDraft = z.infer<typeof SsoDraft>;

/** What an identity provider has to be told about this organisation. */
export const SsoAddresses = z.object({
  redirectUri: z.string().describe('OpenID Connect: redirect URI.'),
  backChannelUri: z.string().describe('OpenID Connect: back-channel logout URI.'),
  signOutUri: z.string().describe('OpenID Connect: post-logout redirect URI.'),
  entityId: z.string().describe('SAML: entity id, and where our metadata is.'),
  acsUrl: z.string().describe('SAML: assertion consumer service (HTTP-POST).'),
  singleLogoutUrl: z.string().describe('SAML: single logout service.'),
});

export const SsoView = z.object({
  source: z.enum(['manifest', 'setting', 'default']),
  connection: SsoDraft.nullable().describe('In force, without its secret; null: local accounts only.'),
  hasSecret: z.boolean(),
  proven: z.boolean().describe('Somebody has come in through it, or a test has succeeded.'),
  passwordsFor: z.enum(['everybody', 'owners']),
  addresses: SsoAddresses,
});
export type SsoView = z.infer<typeof SsoView>;

export const SsoFindingView = z.object({
  check: z.string().describe('What was looked at, as `discovery` or `clientSecret`.'),
  state: z.enum(['ok', 'warning', 'failed']),
  detail: z.string().describe('What was found, in words for an administrator.'),
});
export type SsoFindingView = z.infer<typeof SsoFindingView>;

export const SsoTestView = z.object({
  state: z.enum(['waiting', 'succeeded', 'failed']),
  reason: z.string().nullable().describe('Why it failed, or why nobody would be let in.'),
  email: z.string().nullable(),
  name: z.string().nullable(),
  groups: z.array(z.string()),
  role: RoleRef.nullable().describe('The role it would give.'),
  received: z.record(z.string(), z.unknown()).describe('Claims or attributes as the provider sent them.'),
});
export type SsoTestView = z.infer<typeof SsoTestView>;

export const getSso = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/sso',
  demands: { action: 'read', subject: 'sso' },
  summary: 'The identity provider in force, and what it has to be told',
  status: 200,
  reply: SsoView,
});

export const checkSso = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/sso/check',
  demands: { action: 'change', subject: 'sso' },
  summary: 'Look at an identity provider without signing anybody in',
  body: z.strictObject({ draft: SsoDraft.optional().describe('Left out: the connection in force.') }),
  status: 200,
  reply: z.object({ findings: z.array(SsoFindingView) }),
});

export const testSso = endpoint({
  ...admin,
  method: 'POST',
  path: '/api/sso/tests',
  demands: { action: 'change', subject: 'sso' },
  summary: 'Prepare one sign-in through a connection that opens no session',
  body: z.strictObject({ draft: SsoDraft.optional().describe('Left out: the connection in force.') }),
  status: 200,
  reply: z.object({
    id: z.uuid(),
    url: z.string().describe('To be opened in a browser, once.'),
    expiresAt: z.iso.datetime(),
  }),
});

export const getSsoTest = endpoint({
  ...admin,
  method: 'GET',
  path: '/api/sso/tests/:id',
  demands: { action: 'change', subject: 'sso' },
  summary: 'What a test has shown',
  params: IdParams,
  status: 200,
  reply: SsoTestView,
  errors: ['not_found'],
});

export const saveSso = endpoint({
  ...admin,
  method: 'PUT',
  path: '/api/sso',
  demands: { action: 'change', subject: 'sso' },
  stepUp: 'always',
  summary: 'Put a connection in force; a new or changed one needs a test that has succeeded',
  body: z.strictObject({ draft: SsoDraft, testId: z.uuid().optional() }),
  status: 200,
  reply: SsoView,
  errors: ['managed_by_manifest', 'sso_untested'],
});

export const removeSso = endpoint({
  ...admin,
  method: 'DELETE',
  path: '/api/sso',
  demands: { action: 'change', subject: 'sso' },
  stepUp: 'always',
  summary: 'Take the connection out of force; people sign in with local accounts',
  status: 204,
  errors: ['managed_by_manifest'],
});
