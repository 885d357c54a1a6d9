import { X509Certificate } from 'node:crypto';
import type { SamlClient } from '#libs/identity/ports/saml-connector.js';
import type { SsoFinding } from '#libs/identity/ports/sso-connector.js';
import type { SamlProvider } from './saml-provider.js';
import type { SamlProviders } from './saml-providers.js';
import { SamlRefused } from './saml-refused.js';

const dayMs = 24 * 60 * 60_000;
/** How long before its end a certificate or a document is spoken of, in ms: a change at a provider takes a meeting. */
const soonMs = 30 * dayMs;

const ok = (check: string, detail: string): SsoFinding => ({ check, state: 'ok', detail });
const warning = (check: string, detail: string): SsoFinding => ({ check, state: 'warning', detail });
const failed = (check: string, detail: string): SsoFinding => ({ check, state: 'failed', detail });

/** Looks at a provider's description: whether it can be had and read, its certificates, where it signs out. */
export async function checkSaml(at: SamlClient, providers: SamlProviders, now: Date): Promise<readonly SsoFinding[]> {
  let provider: SamlProvider;
  try {
    provider = await providers.read(at.profile);
  } catch (error) {
    if (!(error instanceof SamlRefused)) throw error;
    return [failed('metadata', `${nameOf(at)} cannot be used: ${error.message}`)];
  }
  return [
    ok('metadata', `${nameOf(at)} describes ${provider.entityId}`),
    validityOf(provider, now),
    ...provider.certificates.map((pem) => certificateOf(pem, now)),
    ok('signOn', `people are sent to ${provider.signOnUrl}`),
    signOutOf(at, provider),
  ];
}

function nameOf({ profile: { source } }: SamlClient): string {
  if (source.kind === 'url') return `The metadata at ${source.url}`;
  return source.kind === 'document' ? 'The metadata document' : 'The description';
}

function validityOf({ validUntil, isSigned }: SamlProvider, now: Date): SsoFinding {
  const trust = isSigned ? 'its own signature is not needed' : 'it is not signed: trust in it is trust in its address';
  if (validUntil === null) return ok('validity', `it names no end; ${trust}`);
  const words = `it is valid until ${validUntil.toISOString()}; ${trust}`;
  return validUntil.getTime() - now.getTime() < soonMs ? warning('validity', words) : ok('validity', words);
}

/** An expired certificate still verifies: what counts is that the provider publishes it. */
function certificateOf(pem: string, now: Date): SsoFinding {
  const { validTo, fingerprint256 } = new X509Certificate(pem);
  const until = new Date(validTo);
  const name = `signing certificate ${fingerprint256.slice(0, 23)}…`;
  const left = until.getTime() - now.getTime();
  if (left < 0) return warning('certificates', `${name} ended on ${until.toISOString()}; it is used all the same`);
  const words = `${name} ends on ${until.toISOString()}`;
  return left < soonMs ? warning('certificates', words) : ok('certificates', words);
}

function signOutOf({ profile }: SamlClient, { signOutUrl }: SamlProvider): SsoFinding {
  if (signOutUrl !== null) return ok('signOut', 'the provider can be told to end its session');
  const detail = 'the provider cannot be told to end its session (no SingleLogoutService for HTTP-Redirect)';
  return profile.signOut === 'everywhere' ? warning('signOut', detail) : ok('signOut', detail);
}
