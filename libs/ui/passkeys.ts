import {
  browserSupportsWebAuthn,
  startAuthentication,
  startRegistration,
  WebAuthnError,
} from '@simplewebauthn/browser';
import type {
  NewPasskeyAnswer,
  NewPasskeyOptions,
  PasskeyAnswer,
  PasskeyOptions,
} from '#libs/contracts/passkey-api.js';

/** Whether this browser knows passkeys: over plain HTTP, but for this machine itself, none does. */
export const knowsPasskeys = browserSupportsWebAuthn();

/** Why the browser has made or found no passkey. Nothing was sent anywhere. */
export class PasskeyProblem extends Error {
  constructor(readonly kind: 'cancelled' | 'known' | 'impossible') {
    super(kind);
  }
}

function problemOf(error: unknown): PasskeyProblem {
  const name = error instanceof Error ? error.name : '';
  if (error instanceof WebAuthnError && error.code === 'ERROR_AUTHENTICATOR_PREVIOUSLY_REGISTERED')
    return new PasskeyProblem('known');
  return new PasskeyProblem(name === 'NotAllowedError' || name === 'AbortError' ? 'cancelled' : 'impossible');
}

/** Has the browser make a passkey. @throws {PasskeyProblem} */
export async function makePasskey(options: NewPasskeyOptions): Promise<NewPasskeyAnswer> {
  try {
    const { id, rawId, response } = await startRegistration({ optionsJSON: options });
    const { clientDataJSON, attestationObject, transports = [] } = response;
    return { id, rawId, type: 'public-key', response: { clientDataJSON, attestationObject, transports } };
  } catch (error) {
    throw problemOf(error);
  }
}

/** Has the browser ask the person for a passkey. @throws {PasskeyProblem} */
export async function askForPasskey(options: PasskeyOptions): Promise<PasskeyAnswer> {
  try {
    const { id, rawId, response } = await startAuthentication({ optionsJSON: options });
    const { clientDataJSON, authenticatorData, signature, userHandle } = response;
    return { id, rawId, type: 'public-key', response: { clientDataJSON, authenticatorData, signature, userHandle } };
  } catch (error) {
    throw problemOf(error);
  }
}
