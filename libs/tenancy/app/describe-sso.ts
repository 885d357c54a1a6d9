import type { OidcSettings, SamlSettings, SsoPolicySettings, SsoSettings } from '#libs/contracts/tenant-spec.js';
import type { OidcProfile, SamlProfile, SamlSource, SsoPolicy, SsoSetting } from '../domain/sso-profile.js';

/** The admin page may also name roles that the organisation has made itself. */
type DescribedPolicy = Omit<SsoPolicySettings, 'groupRoleMap'> & {
  readonly groupRoleMap?: SsoPolicy['groupRoles'] | undefined;
};
type DescribedSso = Omit<SsoSettings, 'groupRoleMap'> & DescribedPolicy;

/** What a description says beside the provider itself. */
function policyOf(sso: DescribedPolicy): SsoPolicy {
  return {
    namedBy: 'manifest',
    groupRoles: sso.groupRoleMap ?? [],
    unmatchedGroups: sso.unmatchedGroups ?? 'member',
    justInTime: sso.justInTime ?? true,
    emailDomains: sso.emailDomains ?? [],
    required: sso.required ?? false,
    signOut: sso.signOut ?? 'here',
  };
}

function oidcOf(oidc: OidcSettings, policy: SsoPolicy): OidcProfile {
  return {
    ...policy,
    type: 'oidc',
    issuer: oidc.issuer,
    clientId: oidc.clientId,
    clientSecretRef: oidc.clientSecretRef ?? null,
    sealedSecret: null,
    scopes: oidc.scopes ?? ['openid', 'email', 'profile'],
    claims: {
      email: oidc.claims?.email ?? 'email',
      name: oidc.claims?.name ?? 'name',
      groups: oidc.claims?.groups ?? 'groups',
    },
    ...(oidc.recheckMinutes === undefined ? {} : { recheckMinutes: oidc.recheckMinutes }),
  };
}

function sourceOf({ metadataUrl, metadata, identityProvider }: SamlSettings): SamlSource {
  if (metadataUrl !== undefined) return { kind: 'url', url: metadataUrl };
  if (identityProvider === undefined) return { kind: 'document', xml: metadata ?? '' };
  return { kind: 'fields', ...identityProvider, signOutUrl: identityProvider.signOutUrl ?? null };
}

function samlOf(saml: SamlSettings, policy: SsoPolicy): SamlProfile {
  return {
    ...policy,
    type: 'saml',
    source: sourceOf(saml),
    attributes: {
      email: saml.attributes?.email ?? 'email',
      name: saml.attributes?.name ?? 'name',
      groups: saml.attributes?.groups ?? 'groups',
    },
    idpInitiated: saml.idpInitiated ?? false,
    encryption: saml.encryption ?? 'optional',
  };
}

/** The identity provider that `spec.sso` describes; null where it says nothing, so that the admin page may. */
export function describeSso(sso: DescribedSso | undefined): SsoSetting | null {
  if (sso === undefined) return null;
  if (sso.oidc !== undefined) return oidcOf(sso.oidc, policyOf(sso));
  return sso.saml === undefined ? { type: 'none' } : samlOf(sso.saml, policyOf(sso));
}
