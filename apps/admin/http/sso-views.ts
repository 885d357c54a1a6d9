import type { SsoDraft, SsoTestView, SsoView } from '#libs/contracts/sso-api.js';
import type { DescribedSso, SsoInForce } from '#libs/identity/app/manage-sso.js';
import type { SsoTest } from '#libs/identity/domain/sso-test.js';
import { AppError } from '#libs/kernel/errors.js';
import { describeSso } from '#libs/tenancy/app/describe-sso.js';
import type { OidcProfile, SamlProfile, SamlSource, SsoProfile } from '#libs/tenancy/domain/sso-profile.js';

/** The connection that a draft describes. */
export function describedSso(draft: SsoDraft): DescribedSso {
  const { oidc, ...rest } = draft;
  const profile = describeSso(oidc === undefined ? rest : { ...rest, oidc: withoutSecret(oidc) });
  if (profile === null || profile.type === 'none')
    throw new AppError('bad_request', 'The draft describes no identity provider.', { field: 'draft' });
  return { profile: { ...profile, namedBy: 'tenant' }, clientSecret: oidc?.clientSecret ?? null };
}

function withoutSecret({ clientSecret: _secret, ...oidc }: NonNullable<SsoDraft['oidc']>) {
  return oidc;
}

function oidcDraft({ issuer, clientId, scopes, claims, recheckMinutes }: OidcProfile): Partial<SsoDraft> {
  const recheck = recheckMinutes === undefined ? {} : { recheckMinutes };
  return { oidc: { issuer, clientId, scopes: [...scopes], claims, ...recheck } };
}

function sourceDraft(source: SamlSource): SsoDraft['saml'] {
  if (source.kind === 'url') return { metadataUrl: source.url };
  if (source.kind === 'document') return { metadata: source.xml };
  const { entityId, signOnUrl, signOutUrl, certificates } = source;
  return {
    identityProvider: {
      entityId,
      signOnUrl,
      certificates: [...certificates],
      ...(signOutUrl === null ? {} : { signOutUrl }),
    },
  };
}

function samlDraft({ source, attributes, idpInitiated, encryption }: SamlProfile): Partial<SsoDraft> {
  return { saml: { ...sourceDraft(source), attributes, idpInitiated, encryption } };
}

/** A connection in the words of a draft, without its secret. */
function draftOf(profile: SsoProfile): SsoDraft {
  return {
    type: profile.type,
    ...(profile.type === 'oidc' ? oidcDraft(profile) : samlDraft(profile)),
    groupRoleMap: profile.groupRoles.map((rule) => ({ ...rule })),
    unmatchedGroups: profile.unmatchedGroups,
    justInTime: profile.justInTime,
    emailDomains: [...profile.emailDomains],
    required: profile.required,
    signOut: profile.signOut,
  };
}

export function ssoView(sso: SsoInForce, addresses: SsoView['addresses']): SsoView {
  const { source, profile, isProven, passwordsFor } = sso;
  return {
    source,
    connection: profile === null ? null : draftOf(profile),
    hasSecret: profile?.type === 'oidc' && (profile.sealedSecret !== null || profile.clientSecretRef !== null),
    proven: isProven,
    passwordsFor,
    addresses,
  };
}

export function ssoTestView({ outcome }: SsoTest): SsoTestView {
  if (outcome === null)
    return { state: 'waiting', reason: null, email: null, name: null, groups: [], role: null, received: {} };
  const { isSuccess, reason, email, name, groups, role, received } = outcome;
  return { state: isSuccess ? 'succeeded' : 'failed', reason, email, name, groups: [...groups], role, received };
}
