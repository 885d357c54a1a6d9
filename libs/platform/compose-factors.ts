import { AuthenticatorApps } from '#libs/identity/app/authenticator-apps.js';
import type { IdentityParts } from '#libs/identity/app/identity-parts.js';
import { PasskeyMaking } from '#libs/identity/app/passkey-making.js';
import { PasskeyProof } from '#libs/identity/app/passkey-proof.js';
import { PasskeyQuestions } from '#libs/identity/app/passkey-questions.js';
import { RecoveryCodes } from '#libs/identity/app/recovery-codes.js';
import { SecondFactors } from '#libs/identity/app/second-factors.js';
import type { SecondStepParts } from '#libs/identity/app/second-step.js';
import type { TenantOrigins } from '#libs/identity/ports/tenant-origins.js';
import { WebAuthnCeremonies } from '#libs/signin/passkeys.js';
import { AuthenticatorCodes } from '#libs/signin/authenticator-codes.js';
import type { Foundation } from './foundation.js';

/** Second factors, and what the second step of a sign-in works with. */
export function composeFactors(
  parts: IdentityParts,
  {
    sealerFor,
    origins,
    ...edge
  }: Pick<Foundation, 'sealerFor'> & { readonly origins: TenantOrigins } & Pick<SecondStepParts, 'opener' | 'throttle'>,
): SecondStepParts {
  const codes = new AuthenticatorCodes();
  const apps = new AuthenticatorApps(parts, sealerFor, codes);
  const recovery = new RecoveryCodes(parts, codes);
  const questions = new PasskeyQuestions(parts, sealerFor);
  const passkeys = new PasskeyProof(parts, questions, new WebAuthnCeremonies(), origins);
  const making = new PasskeyMaking(parts, questions, passkeys);
  return { ...edge, apps, recovery, passkeys, making, factors: new SecondFactors(apps, recovery, passkeys) };
}
