/** What an identity provider has proven about somebody. */
export interface SsoClaims {
  /** Names the identity provider within the tenant: `oidc:<issuer>` or `saml:<entity id>`. */
  readonly connection: string;
  readonly subject: string;
  /** Lower case, or null where the provider tells none. */
  readonly email: string | null;
  /** Null where the provider does not say. */
  readonly isEmailVerified: boolean | null;
  readonly name: string | null;
  readonly groups: readonly string[];
  /** False where the provider said that there are more groups than it has sent. */
  readonly hasAllGroups: boolean;
  /** The provider's name of its own session (`sid`, SessionIndex), by which it may end ours. */
  readonly providerSession: string | null;
  /** What the provider wants to see when it is asked to sign the person out: the ID token, or the NameID. */
  readonly signOutHint: string | null;
  /** When the person proved to the provider who they are; null where it does not say. */
  readonly authenticatedAt: Date | null;
  /** Everything that was said, for the admin who tests the connection. */
  readonly received: Readonly<Record<string, unknown>>;
}
