import { createHash } from 'node:crypto';
import type { SsoProfile } from './sso-profile.js';

/** Names a connection by what leads to the provider: a change of it has to be proven anew, a change of rules not. */
export function ssoFingerprint(profile: SsoProfile): string {
  const parts =
    profile.type === 'oidc'
      ? ['oidc', profile.issuer, profile.clientId]
      : ['saml', ...Object.values(profile.source).flat()];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}
