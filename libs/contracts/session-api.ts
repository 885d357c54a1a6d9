import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { IdParams, pageOf } from './paging.js';
import { RoleRef } from './tenant-spec.js';

export const Email = z.email('must be an e-mail address').max(254).toLowerCase();
export const NewPassword = z.string().min(12, 'must have at least 12 characters').max(256);
export const PersonName = z.string().trim().min(1).max(120);

/** The signed-in person. */
export const MeView = z.object({
  userId: z.uuid(),
  sessionId: z.uuid(),
  email: z.string(),
  name: z.string(),
  role: RoleRef,
  roleName: z.string().nullable().describe('Of a role the organisation has made itself; else null.'),
  hasPassword: z.boolean(),
  mayAdmin: z.boolean().describe('May open the admin pages.'),
});
export type MeView = z.infer<typeof MeView>;

/** What a session was opened with. */
export const ProofName = z.enum(['link', 'password', 'totp', 'recovery-code', 'passkey', 'provider']);
export type ProofName = z.infer<typeof ProofName>;
/** What may be asked for after the first proof. */
export const SecondFactorName = ProofName.extract(['totp', 'recovery-code', 'passkey']);
export type SecondFactorName = z.infer<typeof SecondFactorName>;

const Ticket = {
  ticket: z.string().describe('Goes along with the second step. Keep it in memory only.'),
  expiresAt: z.iso.datetime(),
};

/** The session is open. */
export const SignedInView = z.object({ kind: z.literal('signed-in'), me: MeView });
/** What comes of the first step of a sign-in: a session, a second factor to show, or one to set up first. */
export const SignInView = z.discriminatedUnion('kind', [
  SignedInView,
  z.object({ kind: z.literal('second-factor'), ...Ticket, factors: z.array(SecondFactorName) }),
  z.object({ kind: z.literal('enrol'), ...Ticket, ways: z.array(SecondFactorName.exclude(['recovery-code'])) }),
]);
export type SignInView = z.infer<typeof SignInView>;

export const SessionView = z.object({
  id: z.uuid(),
  face: z.enum(['chat', 'admin']),
  current: z.boolean(),
  device: z.string(),
  address: z.string(),
  method: z.enum(['link', 'password', 'passkey', 'oidc', 'saml', 'handover']),
  proofs: z.array(ProofName).describe('Empty for a session of the admin pages, and for one of an earlier version.'),
  createdAt: z.iso.datetime(),
  lastSeenAt: z.iso.datetime(),
});
export type SessionView = z.infer<typeof SessionView>;

export const LinkPurpose = z.enum(['owner', 'invite', 'reset', 'handover']);
export type LinkPurpose = z.infer<typeof LinkPurpose>;

const Token = z.string().min(20).max(200);

export const getMe = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/me',
  demands: 'own',
  summary: 'Who is signed in',
  access: 'session',
  status: 200,
  reply: MeView,
});

export const signInWithPassword = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/sign-in/password',
  demands: 'public',
  summary: 'Sign in with e-mail and password',
  access: 'public',
  body: z.strictObject({ email: Email, password: z.string().min(1).max(256) }),
  status: 200,
  reply: SignInView,
  errors: ['sign_in_failed', 'sign_in_throttled'],
});

export const inspectLink = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/links/inspect',
  demands: 'public',
  summary: 'What a one-time link is for, without using it',
  access: 'public',
  body: z.strictObject({ token: Token }),
  status: 200,
  reply: z.object({ purpose: LinkPurpose, email: z.string(), expiresAt: z.iso.datetime() }),
  errors: ['link_invalid', 'sign_in_throttled'],
});

export const useLink = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/links/use',
  demands: 'public',
  summary: 'Use a one-time link: sign in as owner, accept an invitation, or set a new password',
  access: 'public',
  body: z.strictObject({ token: Token, name: PersonName.optional(), password: NewPassword.optional() }),
  status: 200,
  reply: SignInView,
  errors: ['link_invalid', 'sign_in_throttled'],
});

export const startSso = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/sign-in/sso',
  demands: 'public',
  summary: "Go to the organisation's identity provider",
  access: 'public',
  query: z.object({
    returnTo: z.string().max(512).optional().describe('A path of this origin.'),
    fresh: z
      .literal('true')
      .optional()
      .describe('Asks for a new proof of who one is, which has to be of the person who is signed in.'),
  }),
  status: 302,
  errors: ['not_found', 'sso_unavailable'],
});

export const startSsoTest = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/sign-in/sso/test',
  demands: 'public',
  summary: 'Begin the test of an identity provider that an admin has asked for; it opens no session',
  access: 'public',
  query: z.object({ ticket: Token }),
  status: 302,
  errors: ['link_invalid', 'sso_unavailable'],
});

export const finishOidc = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/sign-in/oidc/callback',
  demands: 'public',
  summary: "Come back from the organisation's identity provider",
  access: 'public',
  query: z.looseObject({}),
  status: 302,
  errors: ['sso_failed'],
});

export const endByLogoutToken = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/sign-in/oidc/back-channel',
  demands: 'public',
  summary: "The identity provider ends sessions: OpenID Connect's back-channel logout",
  access: 'public',
  crossSite: true,
  body: z.object({ logout_token: z.string().min(20).max(16_384) }),
  status: 204,
  errors: ['bad_request'],
});

export const signOut = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/sign-out',
  demands: 'own',
  summary: 'End this session',
  access: 'session',
  status: 200,
  reply: z.object({
    next: z.string().nullable().describe('Where the identity provider ends its own session; null: nowhere to go.'),
  }),
});

export const listSessions = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/sessions',
  demands: 'own',
  summary: "The person's own sessions",
  access: 'session',
  status: 200,
  reply: pageOf(SessionView),
});

export const revokeSession = endpoint({
  face: 'chat',
  method: 'DELETE',
  path: '/api/sessions/:id',
  demands: 'own',
  summary: "End one of the person's own sessions",
  access: 'session',
  params: IdParams,
  status: 204,
});

export const changePassword = endpoint({
  face: 'chat',
  method: 'PUT',
  path: '/api/me/password',
  demands: 'own',
  stepUp: 'sometimes',
  summary: 'Set or change the own password; other sessions end',
  access: 'session',
  body: z.strictObject({
    current: z.string().max(256).optional().describe('Left out only when there is none yet.'),
    password: NewPassword,
  }),
  status: 204,
  errors: ['sign_in_failed'],
});

export const openAdmin = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/admin-handover',
  demands: 'own',
  summary: 'A one-time address that opens the admin pages as this person',
  access: 'session',
  status: 200,
  reply: z.object({ url: z.string() }),
  errors: ['forbidden'],
});
