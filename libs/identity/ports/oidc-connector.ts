import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { SsoClaims } from '../domain/sso-claims.js';
import { SsoConnector } from './sso-connector.js';

/** A tenant's client at its identity provider. */
export interface OidcClient {
  readonly profile: OidcProfile;
  /** Null for a public client. */
  readonly secret: string | null;
  readonly redirectUri: string;
}

/** The end of a session, as an identity provider orders it. */
export interface LogoutOrder {
  /** Null: every session of the subject. */
  readonly providerSession: string | null;
  readonly subject: string | null;
  /** Names the order, so that it is obeyed once. */
  readonly tokenId: string;
  readonly expiresAt: Date;
}

/** A question about somebody who is signed in. */
export interface OidcRecheck {
  readonly refreshToken: string;
  /** Who they are at the provider. */
  readonly subject: string;
  /** Keeps the token that takes the place of the one in use. */
  readonly keep: (refreshToken: string) => Promise<void>;
}

/** `unanswered`: nothing was said that could be believed, so that it has to be asked again. */
export type SsoRecheck =
  | {
      readonly kind: 'yes';
      /** Null where the provider tells nothing about the person. */
      readonly claims: SsoClaims | null;
    }
  | { readonly kind: 'no'; readonly reason: string }
  | { readonly kind: 'unanswered'; readonly reason: string };

/**
 * OpenID Connect, code flow. Adapters must send PKCE (S256), state and nonce, and check all three, the issuer and
 * the signature of the ID token.
 */
export abstract class OidcConnector extends SsoConnector<OidcClient> {
  /** Checks a logout token of the back channel; a text says why it is refused. */
  abstract readLogoutToken(client: OidcClient, token: string): Promise<LogoutOrder | string>;
  /**
   * Asks the provider whether somebody may stay signed in. Adapters must keep a new refresh token before anything else,
   * and check a new ID token as that of a sign-in; one that does not hold, or is about somebody else, is a `no`.
   */
  abstract recheck(client: OidcClient, asked: OidcRecheck): Promise<SsoRecheck>;
}
