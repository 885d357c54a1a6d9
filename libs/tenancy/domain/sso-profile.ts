import type { Role } from './role.js';

/** Whom an identity provider may let in, and as what. */
export interface SsoPolicy {
  /** Who has named it: the platform's people in a manifest, or the tenant's own on the admin page. */
  readonly namedBy: 'manifest' | 'tenant';
  readonly groupRoles: readonly { readonly group: string; readonly role: Role }[];
  /** What becomes of somebody whose groups no rule names. */
  readonly unmatchedGroups: 'member' | 'refuse';
  /** Whether the first sign-in makes an account. */
  readonly justInTime: boolean;
  /** New accounts only for addresses of these domains; empty: of any. */
  readonly emailDomains: readonly string[];
  /** No passwords but for owners, once a sign-in has succeeded. */
  readonly required: boolean;
  /** Whether a sign-out here ends the session at the identity provider, too. */
  readonly signOut: 'here' | 'everywhere';
}

/** A tenant's client at an OpenID Connect provider. */
export interface OidcProfile extends SsoPolicy {
  readonly type: 'oidc';
  readonly issuer: string;
  readonly clientId: string;
  /** A secret that the manifest names. */
  readonly clientSecretRef: { readonly name: string; readonly key: string } | null;
  /** A secret given on the admin page, sealed with the tenant's key. */
  readonly sealedSecret: string | null;
  readonly scopes: readonly string[];
  readonly claims: { readonly email: string; readonly name: string; readonly groups: string };
  /** How often the provider is asked again while somebody is signed in; left out: never, as in rows of earlier versions. */
  readonly recheckMinutes?: number | undefined;
}

/** Where a SAML identity provider's own description comes from. */
export type SamlSource =
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'document'; readonly xml: string }
  | {
      readonly kind: 'fields';
      readonly entityId: string;
      readonly signOnUrl: string;
      readonly signOutUrl: string | null;
      readonly certificates: readonly string[];
    };

/** A tenant's SAML identity provider. */
export interface SamlProfile extends SsoPolicy {
  readonly type: 'saml';
  readonly source: SamlSource;
  readonly attributes: { readonly email: string; readonly name: string; readonly groups: string };
  readonly idpInitiated: boolean;
  readonly encryption: 'optional' | 'required';
}

export type SsoProfile = OidcProfile | SamlProfile;

/** What a manifest or the admin page says about it; `none` says that there is to be no identity provider. */
export type SsoSetting = SsoProfile | { readonly type: 'none' };

/** The identity provider of a setting, or null where there is none. */
export function identityProviderOf(setting: SsoSetting | null): SsoProfile | null {
  return setting === null || setting.type === 'none' ? null : setting;
}
