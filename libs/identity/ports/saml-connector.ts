import type { SamlProfile } from '#libs/tenancy/domain/sso-profile.js';
import { SsoConnector } from './sso-connector.js';

/** A key pair of a tenant towards its provider, both halves PEM: it signs what we send and opens what is encrypted. */
export interface SamlKey {
  readonly privateKey: string;
  readonly certificate: string;
}

/** What a tenant is to any SAML provider. */
export interface SamlSide {
  readonly entityId: string;
  readonly acsUrl: string;
  readonly singleLogoutUrl: string;
  /** The key in use first; a second one is published, and opens, while one replaces the other. */
  readonly keys: readonly SamlKey[];
}

/** What it is to its own. */
export interface SamlClient extends SamlSide {
  readonly profile: SamlProfile;
}

/** A message of single logout, as it came by the browser. */
export type SamlLogoutMessage =
  | { readonly binding: 'redirect'; readonly query: string }
  | { readonly binding: 'post'; readonly request: string; readonly relayState: string | null };

/** The end of sessions, as a SAML provider orders it. */
export interface SamlLogoutOrder {
  readonly connection: string;
  readonly subject: string;
  /** Empty: every session of the subject. */
  readonly providerSessions: readonly string[];
  /** Names the order, so that it is obeyed once. */
  readonly requestId: string;
  readonly expiresAt: Date;
  /** Goes back with the answer. */
  readonly relayState: string | null;
}

/**
 * SAML 2.0 web browser single sign-on: a signed request by HTTP-Redirect, an answer by HTTP-POST. `finish` takes the
 * field `SAMLResponse`. Adapters must check, beside the signature, everything that says whom, for whom, when and in
 * answer to what; and look at verified XML only.
 */
export abstract class SamlConnector extends SsoConnector<SamlClient> {
  abstract makeKey(): Promise<SamlKey>;
  /** Our metadata: who we are, where answers go, which keys are ours. */
  abstract describe(side: SamlSide): string;
  /** Checks an order to end sessions, which must be signed; a text says why it is refused. */
  abstract readLogout(client: SamlClient, message: SamlLogoutMessage): Promise<SamlLogoutOrder | string>;
  /** Where to send the browser with the answer; null where the provider takes none. */
  abstract logoutAnswerUrl(client: SamlClient, order: SamlLogoutOrder): Promise<string | null>;
}
