import type { SsoDraft, SsoView } from '#libs/contracts/sso-api.js';
import type { RoleName } from '../people/roles.js';

export interface GroupRule {
  readonly group: string;
  readonly role: RoleName;
}

/** The form's own shape: texts are never undefined, an empty one means the default. */
export interface SsoValues {
  readonly type: SsoDraft['type'];
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly scopes: string;
  readonly groups: string;
  readonly recheckMinutes: string;
  readonly metadataUrl: string;
  readonly metadata: string;
  readonly encrypted: boolean;
  readonly idpInitiated: boolean;
  readonly rules: readonly GroupRule[];
  readonly unmatched: 'member' | 'refuse';
  readonly justInTime: boolean;
  readonly emailDomains: string;
  readonly required: boolean;
  readonly everywhere: boolean;
}

/** The form for what is in force, or an empty one. */
export function valuesOf({ connection }: SsoView): SsoValues {
  const { oidc, saml } = connection ?? {};
  return {
    type: connection?.type ?? 'oidc',
    issuer: oidc?.issuer ?? '',
    clientId: oidc?.clientId ?? '',
    clientSecret: '',
    scopes: oidc?.scopes?.join(' ') ?? 'openid email profile',
    groups: oidc?.claims?.groups ?? saml?.attributes?.groups ?? 'groups',
    recheckMinutes: oidc?.recheckMinutes?.toString() ?? '',
    metadataUrl: saml?.metadataUrl ?? '',
    metadata: saml?.metadata ?? '',
    encrypted: saml?.encryption === 'required',
    idpInitiated: saml?.idpInitiated ?? false,
    rules: connection?.groupRoleMap ?? [],
    unmatched: connection?.unmatchedGroups ?? 'member',
    justInTime: connection?.justInTime ?? true,
    emailDomains: connection?.emailDomains?.join(', ') ?? '',
    required: connection?.required ?? false,
    everywhere: connection?.signOut === 'everywhere',
  };
}

const listOf = (text: string): string[] =>
  text
    .split(/[\s,]+/)
    .map((item) => item.trim())
    .filter((item) => item !== '');

function oidcOf(values: SsoValues, known: SsoView['connection']): SsoDraft['oidc'] {
  const { clientSecret, groups, recheckMinutes } = values;
  return {
    issuer: values.issuer.trim(),
    clientId: values.clientId.trim(),
    scopes: listOf(values.scopes),
    // Claims that the form does not show stay as they are.
    claims: { ...known?.oidc?.claims, groups: groups.trim() },
    ...(clientSecret === '' ? {} : { clientSecret }),
    ...(recheckMinutes.trim() === '' ? {} : { recheckMinutes: Number(recheckMinutes) }),
  };
}

function samlOf(values: SsoValues, known: SsoView['connection']): SsoDraft['saml'] {
  const { metadataUrl, metadata, groups, encrypted, idpInitiated } = values;
  const { identityProvider, metadata: _document, metadataUrl: _address, ...before } = known?.saml ?? {};
  const kept = { ...before, idpInitiated, encryption: encrypted ? ('required' as const) : ('optional' as const) };
  const attributes = { ...before.attributes, groups: groups.trim() };
  if (metadataUrl.trim() !== '') return { ...kept, attributes, metadataUrl: metadataUrl.trim() };
  if (metadata.trim() !== '' || identityProvider === undefined)
    return { ...kept, attributes, metadata: metadata.trim() };
  return { ...kept, attributes, identityProvider };
}

/** What the API is told. */
export function draftOf(values: SsoValues, known: SsoView['connection']): SsoDraft {
  return {
    type: values.type,
    ...(values.type === 'oidc' ? { oidc: oidcOf(values, known) } : { saml: samlOf(values, known) }),
    groupRoleMap: values.rules.filter(({ group }) => group.trim() !== '').map((rule) => ({ ...rule })),
    unmatchedGroups: values.unmatched,
    justInTime: values.justInTime,
    emailDomains: listOf(values.emailDomains.toLowerCase()),
    required: values.required,
    signOut: values.everywhere ? 'everywhere' : 'here',
  };
}
