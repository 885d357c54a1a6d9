import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { NewPasskeyAnswer, NewPasskeyOptions, PasskeyAnswer, PasskeyName, PasskeyOptions } from './passkey-api.js';
import { MeView, SignedInView } from './session-api.js';
import { SecondFactorRule } from './tenant-spec.js';

const chat = { face: 'chat', access: 'session', demands: 'own' } as const;
const door = { face: 'chat', access: 'public', demands: 'public' } as const;

/** Six digits of an app; what somebody types or pastes may have spaces in it. */
const AppCode = z
  .string()
  .max(32)
  .transform((typed) => typed.replaceAll(/\s/g, ''))
  .describe('Six digits.');
const RecoveryCode = z.string().max(64);
const Ticket = z.string().min(20).max(200);
const Setup = z.string().min(1).max(1_000).describe('As the set-up gave it.');

/** A second factor that is shown. */
export const GivenFactor = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('totp'), code: AppCode }),
  z.strictObject({ kind: z.literal('recovery-code'), code: RecoveryCode }),
  z.strictObject({ kind: z.literal('passkey'), answer: PasskeyAnswer }),
]);

/** What a signed-in person proves anew with who they are. */
export const ConfirmProof = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('password'), password: z.string().min(1).max(256) }),
  z.strictObject({ kind: z.literal('totp'), code: AppCode }),
  z.strictObject({ kind: z.literal('passkey'), answer: PasskeyAnswer }),
]);
export type ConfirmProof = z.infer<typeof ConfirmProof>;

/** Both faces have it, each for its own session. */
export const confirmErrors = ['sign_in_failed', 'second_factor_failed', 'passkey_failed', 'sign_in_throttled'] as const;

export const confirmSession = endpoint({
  ...chat,
  method: 'POST',
  path: '/api/session/confirm',
  summary: 'Prove anew who one is; the session gets another token',
  body: ConfirmProof,
  status: 200,
  reply: MeView,
  errors: confirmErrors,
});

export const askToConfirm = endpoint({
  ...chat,
  method: 'POST',
  path: '/api/session/confirm/passkey-options',
  summary: 'What to ask a passkey, to prove anew who one is',
  status: 200,
  reply: PasskeyOptions,
  errors: ['conflict'],
});

/** An authenticator app that is being set up. */
export const AppSetupView = z.object({
  address: z.string().describe('`otpauth:` address for a QR code.'),
  secret: z.string().describe('The same as a text to type. Shown once.'),
  setup: z.string().describe('Goes along with the first code.'),
});
export type AppSetupView = z.infer<typeof AppSetupView>;

const RecoveryCodeList = z.array(z.string()).describe('Each lets its person in once. Shown once.');

export const showSecondFactor = endpoint({
  ...door,
  method: 'POST',
  path: '/api/sign-in/second-factor',
  summary: 'The second step of a sign-in: show a second factor',
  body: z.strictObject({ ticket: Ticket, factor: GivenFactor }),
  status: 200,
  reply: SignedInView,
  errors: ['second_factor_failed', 'passkey_failed', 'sign_in_expired', 'sign_in_throttled'],
});

export const askSecondPasskey = endpoint({
  ...door,
  method: 'POST',
  path: '/api/sign-in/second-factor/passkey-options',
  summary: 'What to ask a passkey as the second step of a sign-in',
  body: z.strictObject({ ticket: Ticket }),
  status: 200,
  reply: PasskeyOptions,
  errors: ['sign_in_expired', 'sign_in_throttled', 'conflict'],
});

export const beginPasskeyEnrolment = endpoint({
  ...door,
  method: 'POST',
  path: '/api/sign-in/enrol/passkey',
  summary: 'The second step of a sign-in that waits for a second factor: what to ask the browser to make a passkey',
  body: z.strictObject({ ticket: Ticket }),
  status: 200,
  reply: NewPasskeyOptions,
  errors: ['sign_in_expired', 'sign_in_throttled', 'conflict'],
});

export const finishPasskeyEnrolment = endpoint({
  ...door,
  method: 'POST',
  path: '/api/sign-in/enrol/passkey/confirm',
  summary: 'Keep the passkey that the browser has made, and sign in',
  body: z.strictObject({ ticket: Ticket, name: PasskeyName, answer: NewPasskeyAnswer }),
  status: 200,
  reply: SignedInView.extend({ recoveryCodes: RecoveryCodeList }),
  errors: ['passkey_failed', 'sign_in_expired', 'sign_in_throttled', 'conflict'],
});

export const beginEnrolment = endpoint({
  ...door,
  method: 'POST',
  path: '/api/sign-in/enrol/totp',
  summary: 'The second step of a sign-in that waits for a second factor: begin to set up an authenticator app',
  body: z.strictObject({ ticket: Ticket }),
  status: 200,
  reply: AppSetupView,
  errors: ['sign_in_expired', 'sign_in_throttled'],
});

export const finishEnrolment = endpoint({
  ...door,
  method: 'POST',
  path: '/api/sign-in/enrol/totp/confirm',
  summary: 'Confirm the app by its first code, and sign in',
  body: z.strictObject({ ticket: Ticket, setup: Setup, code: AppCode }),
  status: 200,
  reply: SignedInView.extend({ recoveryCodes: RecoveryCodeList }),
  errors: ['second_factor_failed', 'sign_in_expired', 'sign_in_throttled', 'conflict'],
});

/** How the person shows who they are. */
export const SecurityView = z.object({
  hasPassword: z.boolean(),
  secondFactor: SecondFactorRule.describe(
    'What the organisation says of people who sign in without its identity provider.',
  ),
  totp: z.object({ createdAt: z.iso.datetime() }).nullable().describe('The authenticator app; null: none.'),
  recoveryCodes: z
    .object({ left: z.int(), createdAt: z.iso.datetime() })
    .nullable()
    .describe('Null where there are none.'),
});
export type SecurityView = z.infer<typeof SecurityView>;

export const getSecurity = endpoint({
  ...chat,
  method: 'GET',
  path: '/api/security',
  summary: "The person's own password and second factors, as far as they may be shown",
  status: 200,
  reply: SecurityView,
});

export const beginApp = endpoint({
  ...chat,
  method: 'POST',
  path: '/api/security/totp',
  stepUp: 'always',
  summary: 'Begin to set up an authenticator app; nothing changes before its first code',
  status: 200,
  reply: AppSetupView,
});

export const confirmApp = endpoint({
  ...chat,
  method: 'POST',
  path: '/api/security/totp/confirm',
  stepUp: 'always',
  summary: 'Confirm the app by its first code; it takes the place of the one before',
  body: z.strictObject({ setup: Setup, code: AppCode }),
  status: 200,
  reply: z.object({ recoveryCodes: RecoveryCodeList.nullable().describe('Null where there are some already.') }),
  errors: ['second_factor_failed', 'conflict'],
});

export const removeApp = endpoint({
  ...chat,
  method: 'DELETE',
  path: '/api/security/totp',
  stepUp: 'always',
  summary: 'Remove the authenticator app',
  status: 204,
  errors: ['second_factor_required'],
});

export const renewRecoveryCodes = endpoint({
  ...chat,
  method: 'POST',
  path: '/api/security/recovery-codes',
  stepUp: 'always',
  summary: 'Make new recovery codes; those before end',
  status: 200,
  reply: z.object({ recoveryCodes: RecoveryCodeList }),
  errors: ['conflict'],
});

export const revokeOtherSessions = endpoint({
  ...chat,
  method: 'DELETE',
  path: '/api/sessions',
  summary: "End all of the person's sessions but this one",
  status: 200,
  reply: z.object({ ended: z.int() }),
});
