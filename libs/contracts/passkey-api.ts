import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { MeView } from './session-api.js';

/** Base64url without padding, as WebAuthn's JSON forms have every binary value. */
const Bytes = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[A-Za-z0-9_-]+$/, 'must be base64url without padding');

/** Credential ids have at most 1,023 bytes (WebAuthn level 3, section 4). */
const CredentialId = Bytes(1_364);
const Transports = z.array(z.string().max(32)).max(8);
const Descriptor = z.object({ type: z.literal('public-key'), id: CredentialId, transports: Transports });

export const PasskeyName = z.string().trim().min(1).max(60);

export const PasskeyView = z.object({
  id: z.string(),
  name: z.string(),
  host: z.string().describe('Where it works.'),
  isSynced: z.boolean().describe("Whether it is copied between the person's devices."),
  createdAt: z.iso.datetime(),
  lastUsedAt: z.iso.datetime().nullable(),
});
export type PasskeyView = z.infer<typeof PasskeyView>;

/** `PublicKeyCredentialCreationOptionsJSON` of WebAuthn level 3, as far as it is used here. */
export const NewPasskeyOptions = z.object({
  rp: z.object({ id: z.string(), name: z.string() }),
  user: z.object({ id: Bytes(86), name: z.string(), displayName: z.string() }),
  challenge: Bytes(1_024),
  pubKeyCredParams: z.array(z.object({ type: z.literal('public-key'), alg: z.int() })),
  timeout: z.int(),
  excludeCredentials: z.array(Descriptor),
  authenticatorSelection: z.object({
    residentKey: z.enum(['required', 'preferred', 'discouraged']),
    userVerification: z.enum(['required', 'preferred', 'discouraged']),
  }),
  attestation: z.literal('none'),
});
export type NewPasskeyOptions = z.infer<typeof NewPasskeyOptions>;

/** `PublicKeyCredentialRequestOptionsJSON`. */
export const PasskeyOptions = z.object({
  rpId: z.string(),
  challenge: Bytes(1_024),
  timeout: z.int(),
  allowCredentials: z.array(Descriptor).optional().describe('Left out: whichever the person has.'),
  userVerification: z.enum(['required', 'preferred', 'discouraged']),
});
export type PasskeyOptions = z.infer<typeof PasskeyOptions>;

/** `RegistrationResponseJSON`; what else a browser adds is not read. */
export const NewPasskeyAnswer = z.object({
  id: CredentialId,
  rawId: CredentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Bytes(8_192),
    attestationObject: Bytes(65_536),
    transports: Transports.default([]),
  }),
});
export type NewPasskeyAnswer = z.output<typeof NewPasskeyAnswer>;

/** `AuthenticationResponseJSON`. */
export const PasskeyAnswer = z.object({
  id: CredentialId,
  rawId: CredentialId,
  type: z.literal('public-key'),
  response: z.object({
    clientDataJSON: Bytes(8_192),
    authenticatorData: Bytes(8_192),
    signature: Bytes(16_384),
    userHandle: Bytes(86).nullish(),
  }),
});
export type PasskeyAnswer = z.output<typeof PasskeyAnswer>;

const PasskeyParams = z.object({ id: CredentialId });

export const askPasskey = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/sign-in/passkey/options',
  demands: 'public',
  summary: 'What to ask a passkey, to sign in with it alone',
  access: 'public',
  status: 200,
  reply: PasskeyOptions,
});

export const signInWithPasskey = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/sign-in/passkey',
  demands: 'public',
  summary: 'Sign in with a passkey alone; it must have made sure of the person, by fingerprint or PIN',
  access: 'public',
  body: z.strictObject({ answer: PasskeyAnswer }),
  status: 200,
  reply: MeView,
  errors: ['passkey_failed', 'sign_in_throttled'],
});

export const listPasskeys = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/me/passkeys',
  demands: 'own',
  summary: "The person's own passkeys",
  access: 'session',
  status: 200,
  reply: z.object({ items: z.array(PasskeyView) }),
});

export const beginPasskey = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/me/passkey-options',
  demands: 'own',
  stepUp: 'always',
  summary: 'What to ask the browser to make a new passkey',
  access: 'session',
  status: 200,
  reply: NewPasskeyOptions,
  errors: ['conflict'],
});

export const addPasskey = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/me/passkeys',
  demands: 'own',
  stepUp: 'always',
  summary: 'Keep the passkey that the browser has made',
  access: 'session',
  body: z.strictObject({ name: PasskeyName, answer: NewPasskeyAnswer }),
  status: 200,
  reply: z.object({
    passkey: PasskeyView,
    recoveryCodes: z
      .array(z.string())
      .nullable()
      .describe('For when it is lost: each lets its person in once. Shown once; null where there are some already.'),
  }),
  errors: ['passkey_failed', 'conflict'],
});

export const renamePasskey = endpoint({
  face: 'chat',
  method: 'PATCH',
  path: '/api/me/passkeys/:id',
  demands: 'own',
  summary: "Rename one of the person's own passkeys",
  access: 'session',
  params: PasskeyParams,
  body: z.strictObject({ name: PasskeyName }),
  status: 204,
});

export const removePasskey = endpoint({
  face: 'chat',
  method: 'DELETE',
  path: '/api/me/passkeys/:id',
  demands: 'own',
  stepUp: 'always',
  summary: "Remove one of the person's own passkeys",
  access: 'session',
  params: PasskeyParams,
  status: 204,
});
