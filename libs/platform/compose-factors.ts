import { AuthenticatorApps } from '#libs/identity/app/authenticator-apps.js';
import type { IdentityParts } from '#libs/identity/app/identity-parts.js';
import { RecoveryCodes } from '#libs/identity/app/recovery-codes.js';
import { SecondFactors } from '#libs/identity/app/second-factors.js';
import type { SecondStepParts } from '#libs/identity/app/second-step.js';
import { AuthenticatorCodes } from '#libs/signin/authenticator-codes.js';
import type { Foundation } from './foundation.js';

/** Second factors, and what the second step of a sign-in works with. */
export function composeFactors(
  parts: IdentityParts,
  { sealerFor, ...edge }: Pick<Foundation, 'sealerFor'> & Pick<SecondStepParts, 'opener' | 'throttle'>,
): SecondStepParts {
  const codes = new AuthenticatorCodes();
  const apps = new AuthenticatorApps(parts, sealerFor, codes);
  const recovery = new RecoveryCodes(parts, codes);
  return { ...edge, apps, recovery, factors: new SecondFactors(apps, recovery) };
}
