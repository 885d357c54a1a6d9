/** What an identity provider has proven about somebody. */
export interface SsoClaims {
  /** Names the identity provider within the tenant: `oidc:<issuer>`. */
  readonly connection: string;
  readonly subject: string;
  /** Lower case, or null where the provider tells none. */
  readonly email: string | null;
  /** Null where the provider does not say. */
  readonly isEmailVerified: boolean | null;
  readonly name: string | null;
  readonly groups: readonly string[];
}
