import type { OidcProfile, SamlProfile, SsoPolicy } from '#libs/tenancy/domain/sso-profile.js';

/** Lets in everybody, as a manifest without any rule does. */
export const openPolicy: SsoPolicy = {
  namedBy: 'manifest',
  groupRoles: [],
  unmatchedGroups: 'member',
  justInTime: true,
  emailDomains: [],
  required: false,
  signOut: 'here',
};

const names = { email: 'email', name: 'name', groups: 'groups' };

/** An OpenID Connect connection as a manifest with an issuer alone has it. */
export function oidcProfile(change: Partial<OidcProfile> & Pick<OidcProfile, 'issuer'>): OidcProfile {
  return {
    ...openPolicy,
    type: 'oidc',
    clientId: 'whisper',
    clientSecretRef: null,
    sealedSecret: null,
    scopes: ['openid', 'email', 'profile'],
    claims: names,
    ...change,
  };
}

/** A SAML connection as a manifest with a source alone has it. */
export function samlProfile(change: Partial<SamlProfile> & Pick<SamlProfile, 'source'>): SamlProfile {
  return { ...openPolicy, type: 'saml', attributes: names, idpInitiated: false, encryption: 'optional', ...change };
}
