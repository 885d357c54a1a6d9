import { createHash } from 'node:crypto';
import * as client from 'openid-client';
import {
  type OidcChecks,
  type OidcClient,
  OidcConnector,
  type OidcFinish,
  type OidcStart,
} from '#libs/identity/ports/oidc-connector.js';
import { describeError } from '#libs/kernel/errors.js';
import { claimsOf } from './oidc-claims.js';

/** How long what a provider says of itself is believed, in ms. Keys are fetched anew by themselves when they rotate. */
const discoveryMs = 10 * 60_000;
/** Longest wait for each answer of a provider, in seconds: a person is looking at a blank page. */
const timeoutSeconds = 5;

interface Known {
  readonly configuration: Promise<client.Configuration>;
  readonly until: number;
}

/** OpenID Connect by openid-client, with every check switched on. */
export class OpenIdConnector extends OidcConnector {
  private readonly known = new Map<string, Known>();

  constructor(private readonly now: () => number) {
    super();
  }

  override async start(at: OidcClient): Promise<OidcStart> {
    try {
      const configuration = await this.configurationOf(at);
      const checks: OidcChecks = {
        state: client.randomState(),
        nonce: client.randomNonce(),
        codeVerifier: client.randomPKCECodeVerifier(),
      };
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: at.redirectUri,
        response_type: 'code',
        scope: at.profile.scopes.join(' '),
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(checks.codeVerifier),
        code_challenge_method: 'S256',
      });
      return { kind: 'redirect', url: url.href, checks };
    } catch (error) {
      return { kind: 'unavailable', reason: reasonOf(error) };
    }
  }

  override async finish(at: OidcClient, query: string, checks: OidcChecks): Promise<OidcFinish> {
    const configuration = await this.configurationOf(at).catch((error: unknown) => reasonOf(error));
    if (typeof configuration === 'string') return { kind: 'unavailable', reason: configuration };
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${at.redirectUri}?${query}`), {
        expectedState: checks.state,
        expectedNonce: checks.nonce,
        pkceCodeVerifier: checks.codeVerifier,
        idTokenExpected: true,
      });
      const idToken = tokens.claims();
      if (idToken === undefined) return { kind: 'refused', reason: 'no ID token' };
      const more = await this.userInfo(configuration, tokens.access_token, idToken.sub);
      return { kind: 'proven', claims: claimsOf(at.profile, { ...more, ...idToken }) };
    } catch (error) {
      return { kind: isNetworkTrouble(error) ? 'unavailable' : 'refused', reason: reasonOf(error) };
    }
  }

  /** Some providers put e-mail and groups into the ID token, others only here. */
  private async userInfo(
    configuration: client.Configuration,
    accessToken: string,
    subject: string,
  ): Promise<Record<string, unknown>> {
    if (configuration.serverMetadata().userinfo_endpoint === undefined) return {};
    return { ...(await client.fetchUserInfo(configuration, accessToken, subject)) };
  }

  private configurationOf(at: OidcClient): Promise<client.Configuration> {
    const { issuer, clientId } = at.profile;
    const secretHash = createHash('sha256')
      .update(at.secret ?? '')
      .digest('base64url');
    const key = JSON.stringify([issuer, clientId, secretHash]);
    const known = this.known.get(key);
    if (known !== undefined && known.until > this.now()) return known.configuration;
    const configuration = discover(at);
    this.known.set(key, { configuration, until: this.now() + discoveryMs });
    // What failed is asked for again by the next sign-in.
    configuration.catch(() => this.known.delete(key));
    return configuration;
  }
}

async function discover(at: OidcClient): Promise<client.Configuration> {
  const issuer = new URL(at.profile.issuer);
  const isPlain = issuer.protocol === 'http:';
  if (isPlain && !isLoopback(issuer.hostname)) throw new TypeError('an http issuer must be on a loopback host');
  const authentication = at.secret === null ? client.None() : client.ClientSecretBasic(at.secret);
  return client.discovery(issuer, at.profile.clientId, {}, authentication, {
    timeout: timeoutSeconds,
    // Signatures of ID tokens are checked too: without it openid-client trusts TLS to the token endpoint alone.
    execute: [client.enableNonRepudiationChecks, ...(isPlain ? [client.allowInsecureRequests] : [])],
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

function codeOf(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : '';
}

function isNetworkTrouble(error: unknown): boolean {
  if (error instanceof client.ResponseBodyError) return error.status >= 500;
  const trouble = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND'];
  if (trouble.includes(codeOf(error))) return true;
  const cause = error instanceof Error ? error.cause : undefined;
  return (error instanceof TypeError && error.message === 'fetch failed') || trouble.includes(codeOf(cause));
}

/** Why it failed, for the audit log: codes and fixed words of the library, never a token. */
function reasonOf(error: unknown): string {
  const detail =
    error instanceof client.AuthorizationResponseError || error instanceof client.ResponseBodyError
      ? error.error
      : codeOf(error);
  const cause = error instanceof Error && error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${detail} ${describeError(error)}${cause}`.trim().slice(0, 250);
}
