import { z } from 'zod';
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import type {
  NewPasskeyAnswer,
  NewPasskeyOptions,
  PasskeyAnswer,
  PasskeyOptions,
} from '#libs/contracts/passkey-api.js';
import { type Passkey, passkeyAnswerMs } from '#libs/identity/domain/passkey.js';
import type { Person } from '#libs/identity/domain/person.js';
import {
  type AnswerResult,
  type MadeResult,
  PasskeyCeremonies,
  type PasskeySite,
} from '#libs/identity/ports/passkey-ceremonies.js';

/** COSE algorithms in order of preference: Ed25519, P-256 with SHA-256, RSA with SHA-256 (Windows Hello). */
const algorithms = [-8, -7, -257];

/** WebAuthn by the library of that name. */
export class WebAuthnCeremonies extends PasskeyCeremonies {
  override optionsToMake(
    { host }: PasskeySite,
    challenge: Uint8Array,
    { by, siteName, has }: { readonly by: Person; readonly siteName: string; readonly has: readonly Passkey[] },
  ): NewPasskeyOptions {
    return {
      rp: { id: host, name: siteName },
      user: { id: userHandle(by), name: by.email, displayName: by.name },
      challenge: text(challenge),
      pubKeyCredParams: algorithms.map((alg) => ({ type: 'public-key', alg })),
      timeout: passkeyAnswerMs,
      excludeCredentials: has.map(descriptorOf),
      // Preferred, so that a plain security key still serves as a second factor.
      authenticatorSelection: { residentKey: 'preferred', userVerification: 'preferred' },
      attestation: 'none',
    };
  }

  override async verifyMade(site: PasskeySite, challenge: Uint8Array, answer: NewPasskeyAnswer): Promise<MadeResult> {
    if (isFramed(answer)) return refused('asked from within another page');
    try {
      const result = await verifyRegistrationResponse({
        response: { ...answer, clientExtensionResults: {} },
        expectedChallenge: text(challenge),
        expectedOrigin: [...site.origins],
        expectedRPID: site.host,
        requireUserVerification: false,
        supportedAlgorithmIDs: algorithms,
      });
      if (!result.verified) return refused('the new passkey proves nothing');
      const { credential, credentialDeviceType } = result.registrationInfo;
      const { id, publicKey, counter } = credential;
      const isSynced = credentialDeviceType === 'multiDevice';
      return { kind: 'proven', passkey: { id, publicKey, counter, transports: answer.response.transports, isSynced } };
    } catch (cause) {
      return refused(reasonOf(cause));
    }
  }

  override optionsToAsk(
    { host }: PasskeySite,
    challenge: Uint8Array,
    allowed: readonly Passkey[] | null,
  ): PasskeyOptions {
    return {
      rpId: host,
      challenge: text(challenge),
      timeout: passkeyAnswerMs,
      ...(allowed === null ? {} : { allowCredentials: allowed.map(descriptorOf) }),
      userVerification: allowed === null ? 'required' : 'preferred',
    };
  }

  override async verifyAnswer(
    site: PasskeySite,
    challenge: Uint8Array,
    { answer, passkey }: { readonly answer: PasskeyAnswer; readonly passkey: Passkey },
  ): Promise<AnswerResult> {
    if (isFramed(answer)) return refused('asked from within another page');
    const { userHandle: claimed } = answer.response;
    // A passkey that names its holder must name the one it was made for (WebAuthn level 3, 7.2 step 6).
    if (typeof claimed === 'string' && claimed !== userHandle({ id: passkey.personId }))
      return refused('the passkey names another person');
    try {
      const { verified, authenticationInfo } = await verifyAuthenticationResponse({
        response: {
          ...answer,
          response: { ...answer.response, userHandle: claimed ?? undefined },
          clientExtensionResults: {},
        },
        expectedChallenge: text(challenge),
        expectedOrigin: [...site.origins],
        expectedRPID: site.host,
        credential: {
          id: passkey.id,
          publicKey: new Uint8Array(passkey.publicKey),
          counter: passkey.counter,
          transports: [...passkey.transports],
        },
        requireUserVerification: false,
      });
      if (!verified) return refused('the signature is wrong');
      const { newCounter: counter, userVerified: isUserVerified } = authenticationInfo;
      return { kind: 'proven', counter, isUserVerified };
    } catch (cause) {
      return refused(reasonOf(cause));
    }
  }

  override challengeOf(answer: NewPasskeyAnswer | PasskeyAnswer): Uint8Array | null {
    const challenge = clientDataOf(answer)?.challenge;
    return challenge === undefined ? null : Buffer.from(challenge, 'base64url');
  }
}

const ClientData = z.object({ challenge: z.string(), crossOrigin: z.boolean().default(false) });

/** What the browser says of the page that asked (WebAuthn level 3, section 5.8.1); null where it is not that. */
function clientDataOf({ response }: NewPasskeyAnswer | PasskeyAnswer): z.infer<typeof ClientData> | null {
  try {
    const data: unknown = JSON.parse(Buffer.from(response.clientDataJSON, 'base64url').toString('utf8'));
    return ClientData.safeParse(data).data ?? null;
  } catch {
    return null;
  }
}

/** Our pages forbid to be framed, and the library lets an answer pass that does not name the page around. */
function isFramed(answer: NewPasskeyAnswer | PasskeyAnswer): boolean {
  return clientDataOf(answer)?.crossOrigin !== false;
}

/** Names the person to the passkey, by something that says nothing about them. */
function userHandle({ id }: Pick<Person, 'id'>): string {
  return Buffer.from(id.replaceAll('-', ''), 'hex').toString('base64url');
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64url');
}

function descriptorOf({ id, transports }: Passkey) {
  return { type: 'public-key' as const, id, transports: [...transports] };
}

function refused(reason: string): { readonly kind: 'refused'; readonly reason: string } {
  return { kind: 'refused', reason };
}

/** The library says what is wrong in its errors' words, which may quote what was sent. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.slice(0, 200) : 'not a WebAuthn answer';
}
