import * as client from 'openid-client';
import type { OidcClient } from '#libs/identity/ports/oidc-connector.js';
import type { SsoFinding } from '#libs/identity/ports/sso-connector.js';
import type { OidcConfigurations } from './oidc-configuration.js';
import { reasonOf } from './oidc-errors.js';

/** The scope that gives a refresh token. */
export const offlineAccess = 'offline_access';
/** More than this between our clock and the provider's makes ID tokens look expired or from the future, in seconds. */
const mostSkewSeconds = 30;

const ok = (check: string, detail: string): SsoFinding => ({ check, state: 'ok', detail });
const warning = (check: string, detail: string): SsoFinding => ({ check, state: 'warning', detail });
const failed = (check: string, detail: string): SsoFinding => ({ check, state: 'failed', detail });

/** Looks at a provider: its document, its keys, whether it knows the client, and its clock. */
export async function checkOidc(
  at: OidcClient,
  configurations: OidcConfigurations,
  now: Date,
): Promise<readonly SsoFinding[]> {
  let configuration: client.Configuration;
  try {
    configuration = await configurations.of(at);
  } catch (error) {
    return [failed('discovery', `${documentOf(at)} cannot be used: ${reasonOf(error)}`)];
  }
  const metadata = configuration.serverMetadata();
  const fetch = configurations.fetchFor(at.profile) as typeof globalThis.fetch;
  return [
    ok('discovery', `${documentOf(at)} names the issuer ${metadata.issuer}`),
    flowOf(metadata),
    scopesOf(at, metadata),
    ...recheckOf(at, metadata),
    ...freshOf(metadata),
    ...(await keysOf(metadata, fetch, now)),
    await secretOf(configuration, at),
    signOutOf(at, metadata),
  ];
}

function documentOf({ profile }: OidcClient): string {
  return `${profile.issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
}

function flowOf({ code_challenge_methods_supported: methods }: client.ServerMetadata): SsoFinding {
  if (methods === undefined || methods.includes('S256')) return ok('flow', 'code flow with PKCE (S256)');
  return warning('flow', 'the provider does not say that it knows PKCE with S256; it is used all the same');
}

function scopesOf({ profile }: OidcClient, { scopes_supported: known }: client.ServerMetadata): SsoFinding {
  const unknown = profile.scopes.filter((scope) => known !== undefined && !known.includes(scope));
  if (unknown.length === 0) return ok('scopes', profile.scopes.join(' '));
  return warning('scopes', `not among the scopes the provider names: ${unknown.join(', ')}`);
}

/** Only known where the provider lists its scopes. */
function recheckOf({ profile }: OidcClient, { scopes_supported: known }: client.ServerMetadata): readonly SsoFinding[] {
  const { recheckMinutes } = profile;
  if (recheckMinutes === undefined || known === undefined) return [];
  if (known.includes(offlineAccess)) return [ok('recheck', `the provider names the scope ${offlineAccess}`)];
  const detail = `the provider does not name the scope ${offlineAccess}, which gives refresh tokens; without one people sign in anew every ${recheckMinutes} minutes`;
  return [warning('recheck', detail)];
}

/** Only known where the provider lists its claims; one that lists others may still send it when it is asked. */
function freshOf({ claims_supported: known }: client.ServerMetadata): readonly SsoFinding[] {
  if (known === undefined) return [];
  if (known.includes('auth_time')) return [ok('freshSignIn', 'the provider says when somebody signed in (auth_time)')];
  const detail =
    'auth_time is not among the claims the provider names; without it people cannot confirm by it that it is them';
  return [warning('freshSignIn', detail)];
}

async function keysOf(
  { jwks_uri: address }: client.ServerMetadata,
  fetch: typeof globalThis.fetch,
  now: Date,
): Promise<readonly SsoFinding[]> {
  if (address === undefined) return [failed('keys', 'the provider names no address of its keys (jwks_uri)')];
  try {
    const answer = await fetch(address, { signal: AbortSignal.timeout(5_000) });
    const body = (await answer.json()) as { readonly keys?: readonly unknown[] };
    const count = body.keys?.length ?? 0;
    const keys =
      count > 0
        ? ok('keys', `${count === 1 ? 'one key' : `${count} keys`} at ${address}`)
        : failed('keys', `no key at ${address}`);
    return [keys, ...clockOf(answer.headers.get('date'), now)];
  } catch (error) {
    return [failed('keys', `${address} cannot be read: ${reasonOf(error)}`)];
  }
}

function clockOf(date: string | null, now: Date): readonly SsoFinding[] {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs)) return [];
  const seconds = Math.round(Math.abs(theirs - now.getTime()) / 1_000);
  if (seconds <= mostSkewSeconds) return [ok('clock', 'the clocks agree')];
  return [failed('clock', `the provider's clock and ours differ by ${seconds} seconds; set the one that is wrong`)];
}

/** A code that cannot be right is refused as such only to a client whose secret is. */
async function secretOf(configuration: client.Configuration, at: OidcClient): Promise<SsoFinding> {
  const { clientId } = at.profile;
  try {
    await client.genericGrantRequest(configuration, 'authorization_code', {
      code: 'whisper-connection-check',
      redirect_uri: at.redirectUri,
      code_verifier: client.randomPKCECodeVerifier(),
    });
    return warning('clientSecret', 'the provider has taken a code that it never gave');
  } catch (error) {
    const code = error instanceof client.ResponseBodyError ? error.error : null;
    if (code === 'invalid_client' || code === 'unauthorized_client' || isUnauthorised(error))
      return failed('clientSecret', `the provider does not know the client ${clientId} with this secret`);
    if (code !== null) return ok('clientSecret', `the provider knows the client ${clientId}`);
    return warning('clientSecret', `the token endpoint answers in a way that tells nothing: ${reasonOf(error)}`);
  }
}

function isUnauthorised(error: unknown): boolean {
  if (error instanceof client.WWWAuthenticateChallengeError) return error.status === 401;
  return error instanceof client.ResponseBodyError && error.status === 401;
}

function signOutOf({ profile }: OidcClient, { end_session_endpoint: address }: client.ServerMetadata): SsoFinding {
  if (address !== undefined) return ok('signOut', 'the provider can be told to end its session');
  const detail = 'the provider cannot be told to end its session (no end_session_endpoint)';
  return profile.signOut === 'everywhere' ? warning('signOut', detail) : ok('signOut', detail);
}
