import * as client from 'openid-client';
import {
  type LogoutOrder,
  type OidcClient,
  OidcConnector,
  type OidcRecheck,
  type SsoRecheck,
} from '#libs/identity/ports/oidc-connector.js';
import type { SsoAsked, SsoFinding, SsoFinish, SsoSessionHint, SsoStart } from '#libs/identity/ports/sso-connector.js';
import { checkOidc, offlineAccess } from './oidc-check.js';
import { whyStale } from './fresh-proof.js';
import { authTimeOf, claimsOf } from './oidc-claims.js';
import { OidcConfigurations } from './oidc-configuration.js';
import { isNetworkTrouble, reasonOf } from './oidc-errors.js';
import { recheckOidc, userInfo } from './oidc-recheck.js';
import { readLogoutToken } from './oidc-logout-token.js';
import type { Reach } from './provider-fetch.js';

/** OpenID Connect by openid-client, with every check switched on. */
export class OpenIdConnector extends OidcConnector {
  private readonly configurations: OidcConfigurations;

  /** @param tenantReach where a provider may be that a tenant's own people have named */
  constructor(
    private readonly now: () => number,
    tenantReach: Reach,
  ) {
    super();
    this.configurations = new OidcConfigurations(now, tenantReach);
  }

  override async start(at: OidcClient, isFresh: boolean): Promise<SsoStart> {
    try {
      const configuration = await this.configurations.of(at);
      const state = client.randomState();
      const plain = { nonce: client.randomNonce(), codeVerifier: client.randomPKCECodeVerifier() };
      const checks = isFresh ? { ...plain, freshSince: new Date(this.now()).toISOString() } : plain;
      const url = client.buildAuthorizationUrl(configuration, {
        redirect_uri: at.redirectUri,
        response_type: 'code',
        scope: scopesOf(at).join(' '),
        state,
        nonce: checks.nonce,
        code_challenge: await client.calculatePKCECodeChallenge(checks.codeVerifier),
        code_challenge_method: 'S256',
        // With max_age the provider must say when the person signed in (OpenID Connect Core 3.1.2.1).
        ...(isFresh ? { prompt: 'login', max_age: '0' } : {}),
      });
      return { kind: 'redirect', url: url.href, state, checks };
    } catch (error) {
      return { kind: 'unavailable', reason: reasonOf(error) };
    }
  }

  override async finish(at: OidcClient, query: string, asked: SsoAsked | null): Promise<SsoFinish> {
    const { nonce, codeVerifier, freshSince } = asked?.checks ?? {};
    // Without these the library would check neither.
    if (asked === null || nonce === undefined || codeVerifier === undefined)
      return { kind: 'refused', reason: 'nothing to check by' };
    const configuration = await this.configurations.of(at).catch((error: unknown) => reasonOf(error));
    if (typeof configuration === 'string') return { kind: 'unavailable', reason: configuration };
    try {
      const tokens = await client.authorizationCodeGrant(configuration, new URL(`${at.redirectUri}?${query}`), {
        expectedState: asked.state,
        expectedNonce: nonce,
        pkceCodeVerifier: codeVerifier,
        idTokenExpected: true,
      });
      const idToken = tokens.claims();
      if (idToken === undefined) return { kind: 'refused', reason: 'no ID token' };
      const stale = freshSince === undefined ? null : whyStale(authTimeOf(idToken), new Date(freshSince));
      if (stale !== null) return { kind: 'refused', reason: `${stale.code}: ${stale.detail}` };
      const more = await userInfo(configuration, tokens.access_token, idToken.sub);
      const claims = claimsOf(at.profile, { ...more, ...idToken }, tokens.id_token ?? null);
      const refreshToken = at.profile.recheckMinutes === undefined ? null : (tokens.refresh_token ?? null);
      return { kind: 'proven', claims, once: null, refreshToken };
    } catch (error) {
      return { kind: isNetworkTrouble(error) ? 'unavailable' : 'refused', reason: reasonOf(error) };
    }
  }

  override async signOutUrl(at: OidcClient, session: SsoSessionHint, returnUrl: string): Promise<string | null> {
    const configuration = await this.configurations.of(at).catch(() => null);
    if (configuration?.serverMetadata().end_session_endpoint === undefined) return null;
    return client.buildEndSessionUrl(configuration, {
      post_logout_redirect_uri: returnUrl,
      ...(session.signOutHint === null ? {} : { id_token_hint: session.signOutHint }),
    }).href;
  }

  override async readLogoutToken(at: OidcClient, token: string): Promise<LogoutOrder | string> {
    try {
      const { issuer, jwks_uri: jwksUri } = (await this.configurations.of(at)).serverMetadata();
      if (jwksUri === undefined) return 'the provider publishes no keys';
      const fetch = this.configurations.fetchFor(at.profile) as typeof globalThis.fetch;
      const { clientId } = at.profile;
      return await readLogoutToken({ issuer, clientId, jwksUri, fetch, now: new Date(this.now()) }, token);
    } catch (error) {
      return reasonOf(error);
    }
  }

  override async recheck(at: OidcClient, asked: OidcRecheck): Promise<SsoRecheck> {
    try {
      return await recheckOidc(await this.configurations.of(at), at.profile, asked);
    } catch (error) {
      return { kind: 'unanswered', reason: reasonOf(error) };
    }
  }

  override check(at: OidcClient): Promise<readonly SsoFinding[]> {
    return checkOidc(at, this.configurations, new Date(this.now()));
  }
}

/** The scope by which a provider gives a refresh token (OpenID Connect Core section 11), where it is to be asked again. */
function scopesOf({ profile }: OidcClient): readonly string[] {
  const { scopes, recheckMinutes } = profile;
  return recheckMinutes === undefined || scopes.includes(offlineAccess) ? scopes : [...scopes, offlineAccess];
}
