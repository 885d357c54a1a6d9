import type { OidcProfile } from '#libs/tenancy/domain/tenant.js';
import type { SsoClaims } from '../domain/sso-claims.js';

/** A tenant's client at its identity provider. */
export interface OidcClient {
  readonly profile: OidcProfile;
  /** Null for a public client. */
  readonly secret: string | null;
  readonly redirectUri: string;
}

/** What must be the same when the browser comes back. */
export interface OidcChecks {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
}

export type OidcStart =
  | { readonly kind: 'redirect'; readonly url: string; readonly checks: OidcChecks }
  | { readonly kind: 'unavailable'; readonly reason: string };

export type OidcFinish =
  | { readonly kind: 'proven'; readonly claims: SsoClaims }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/**
 * OpenID Connect, code flow. Adapters must send PKCE (S256), state and nonce, and check all three, the issuer and
 * the signature of the ID token. Reasons are for the audit log and hold no secret.
 */
export abstract class OidcConnector {
  abstract start(client: OidcClient): Promise<OidcStart>;
  /** @param query of the request that came back, exactly as sent, so that a doubled parameter is seen */
  abstract finish(client: OidcClient, query: string, checks: OidcChecks): Promise<OidcFinish>;
}
