import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
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

/**
 * OpenID Connect, code flow. Adapters must send PKCE (S256), state and nonce, and check all three, the issuer and
 * the signature of the ID token.
 */
export abstract class OidcConnector extends SsoConnector<OidcClient> {
  /** Checks a logout token of the back channel; a text says why it is refused. */
  abstract readLogoutToken(client: OidcClient, token: string): Promise<LogoutOrder | string>;
}
