import * as client from 'openid-client';
import type { OidcRecheck, SsoRecheck } from '#libs/identity/ports/oidc-connector.js';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import { claimsOf } from './oidc-claims.js';
import { codeOf, reasonOf } from './oidc-errors.js';

/** By which a provider says no: RFC 6749 section 5.2, and OpenID Connect Core section 3.1.2.6. */
const refusals = new Set(['invalid_grant', 'interaction_required', 'consent_required', 'login_required']);
/** What the library says of an ID token that is not what it should be. */
const untrue = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_UNSUPPORTED_OPERATION',
  'OAUTH_KEY_SELECTION_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
]);

/** What the token endpoint has told before anything of it was believed. */
interface Told {
  hasIdToken: boolean;
  /** False when the provider's keys came as something that is none: then no ID token can be judged. */
  hasKeys: boolean;
}

/** Asks a provider again by a refresh grant (RFC 6749 section 6, OpenID Connect Core section 12). */
export async function recheckOidc(
  configuration: client.Configuration,
  profile: OidcProfile,
  asked: OidcRecheck,
): Promise<SsoRecheck> {
  const told: Told = { hasIdToken: false, hasKeys: true };
  keepFirst(configuration, asked, told);
  let tokens: client.TokenEndpointResponse & client.TokenEndpointResponseHelpers;
  try {
    tokens = await client.refreshTokenGrant(configuration, asked.refreshToken);
  } catch (error) {
    return { kind: saysNo(error, told) ? 'no' : 'unanswered', reason: reasonOf(error) };
  }
  const idToken = tokens.claims();
  if (idToken !== undefined && idToken.sub !== asked.subject)
    return { kind: 'no', reason: 'the new ID token is about another subject' };
  try {
    const more = await userInfo(configuration, tokens.access_token, asked.subject);
    // Without an ID token and without the claim nothing is said of groups, which is not the same as "in none".
    if (idToken === undefined && more[profile.claims.groups] === undefined) return { kind: 'yes', claims: null };
    const all = { ...more, ...idToken, sub: asked.subject };
    return { kind: 'yes', claims: claimsOf(profile, all, tokens.id_token ?? null) };
  } catch (error) {
    const isOther = codeOf(error) === 'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED';
    return { kind: isOther ? 'no' : 'unanswered', reason: `user info: ${reasonOf(error)}` };
  }
}

/** A new refresh token may be the only one that still works: it is kept before the rest of the answer is looked at. */
function keepFirst(configuration: client.Configuration, asked: OidcRecheck, told: Told): void {
  const fetch = configuration[client.customFetch];
  const { token_endpoint: tokensAt, jwks_uri: keysAt } = configuration.serverMetadata();
  if (fetch === undefined) return;
  configuration[client.customFetch] = async (url, options) => {
    const answer = await fetch(url, options);
    if (!answer.ok) return answer;
    if (isAt(url, keysAt)) told.hasKeys = Array.isArray((await fieldsOf(answer))['keys']);
    if (!isAt(url, tokensAt)) return answer;
    const { id_token: idToken, refresh_token: next } = await fieldsOf(answer);
    told.hasIdToken = idToken !== undefined;
    if (typeof next === 'string' && next !== '' && next !== asked.refreshToken) await asked.keep(next);
    return answer;
  };
}

function isAt(url: string, address: string | undefined): boolean {
  return address !== undefined && url === new URL(address).href;
}

/** What an answer says, which is left as it is for who reads it next; nothing where it is no JSON. */
async function fieldsOf(answer: Response): Promise<Readonly<Record<string, unknown>>> {
  const body: unknown = await answer
    .clone()
    .json()
    .catch(() => null);
  return typeof body === 'object' && body !== null ? { ...body } : {};
}

/** A wrong ID token counts as no: whoever answers so is not the provider, or not about this person. */
function saysNo(error: unknown, { hasIdToken, hasKeys }: Told): boolean {
  if (error instanceof client.ResponseBodyError) return error.status < 500 && refusals.has(error.error);
  return hasIdToken && hasKeys && untrue.has(codeOf(error));
}

/** Some providers put e-mail and groups into the ID token, others only here. */
export async function userInfo(
  configuration: client.Configuration,
  accessToken: string,
  subject: string,
): Promise<Record<string, unknown>> {
  if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
  return { ...(await client.fetchUserInfo(configuration, accessToken, subject)) };
}
