import { createHash } from 'node:crypto';
import type { SamlSource, SsoProfile } from './sso-profile.js';

/** Names a connection by what leads to the provider: a change of it has to be proven anew, a change of rules not. */
export function ssoFingerprint(profile: SsoProfile): string {
  const parts =
    profile.type === 'oidc' ? ['oidc', profile.issuer, profile.clientId] : ['saml', ...sourceParts(profile.source)];
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64url');
}

/** In an order of our own: a database gives the fields back in another one than they were written in. */
function sourceParts(source: SamlSource): readonly (string | null)[] {
  if (source.kind === 'url') return [source.kind, source.url];
  if (source.kind === 'document') return [source.kind, source.xml];
  return [source.kind, source.entityId, source.signOnUrl, source.signOutUrl, ...source.certificates];
}
