import type { SsoClaims } from '../domain/sso-claims.js';

/** What must be the same when the browser comes back, beside the state: the adapter's own, kept for it. */
export type SsoChecks = Readonly<Record<string, string>>;

export type SsoStart =
  | {
      readonly kind: 'redirect';
      readonly url: string;
      /** Comes back with the browser: OpenID Connect's `state`, SAML's RelayState. */
      readonly state: string;
      readonly checks: SsoChecks;
    }
  | { readonly kind: 'unavailable'; readonly reason: string };

export type SsoFinish =
  | {
      readonly kind: 'proven';
      readonly claims: SsoClaims;
      /** What has proven it, where that may be used only once, and when it would not be taken any more anyway. */
      readonly once: { readonly id: string; readonly until: Date } | null;
      /** To ask the provider again with, where the connection says so and the provider gave one. */
      readonly refreshToken: string | null;
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'unavailable'; readonly reason: string };

/** What was kept of the departure that an answer belongs to. */
export interface SsoAsked {
  readonly state: string;
  readonly checks: SsoChecks;
}

/** One thing that was looked at before anybody signs in. */
export interface SsoFinding {
  /** `discovery`, `keys`, `clientSecret`... */
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failed';
  /** In words for the administrator who has made the setting; holds no secret. */
  readonly detail: string;
}

/**
 * One kind of identity provider. `Client` is what a tenant is to its provider. Reasons are for the audit log and the
 * admin, and hold no secret.
 */
export abstract class SsoConnector<Client> {
  /**
   * @param isFresh asks the provider for a new proof of who the person is, however long they have been signed in there;
   * then `finish` refuses an answer that does not prove to be newer than this
   */
  abstract start(client: Client, isFresh: boolean): Promise<SsoStart>;
  /**
   * @param answer what came back, exactly as sent, so that a doubled parameter is seen: the query, or the form's field
   * @param asked null where nobody here has asked: the provider began
   */
  abstract finish(client: Client, answer: string, asked: SsoAsked | null): Promise<SsoFinish>;
  /** Looks at the provider as far as that goes without a person. */
  abstract check(client: Client): Promise<readonly SsoFinding[]>;
  /** Where to send the browser so that the provider ends its own session too; null where it offers no such thing. */
  abstract signOutUrl(client: Client, session: SsoSessionHint, returnUrl: string): Promise<string | null>;
}

/** What is kept of a sign-in, to end the provider's session with ours. */
export interface SsoSessionHint {
  readonly subject: string;
  readonly providerSession: string | null;
  readonly signOutHint: string | null;
}
