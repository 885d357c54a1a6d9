import { type FieldCase, field, fields } from './field-cases.js';

/** A picture of one point. */
const logo =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
/** Nobody listens there. */
const issuer = 'http://127.0.0.1:9/realm';
const host = 'people.example';
const oidc = (more: object) => ({ sso: { type: 'oidc', oidc: { issuer, clientId: 'one', ...more } } });
const metadataUrl = 'http://127.0.0.1:9/metadata';
const saml = (more: object) => ({ sso: { type: 'saml', oidc: null, saml: { metadataUrl, ...more } } });
/** Looks like a certificate; nothing is signed with it. */
const certificate = 'A'.repeat(400);
const provider = { entityId: 'urn:idp', signOnUrl: issuer, certificates: [certificate] };
const written = (more: object) => saml({ metadataUrl: null, identityProvider: { ...provider, ...more } });
const policy = (more: object) => ({ sso: more });
const domain = (more: object) => ({ domains: [{ host, ...more }] });
const image = 'deployment/chat spec.template.spec.containers.0.image';

const scaling = (app: 'chat' | 'router' | 'admin'): [string, FieldCase][] => [
  field(`autoscaling.${app}.min`, 3, `hpa/${app} spec.minReplicas`),
  field(`autoscaling.${app}.max`, 7, `hpa/${app} spec.maxReplicas`),
  field(`autoscaling.${app}.targetCpu`, 55, `hpa/${app} spec.metrics.0.resource.target.averageUtilization`),
];

/** One change of each field of a tenant, in an order in which each is seen: what puts it to sleep comes last. */
export const tenantFieldCases: ReadonlyMap<string, FieldCase> = new Map([
  field('displayName', 'Field Works', 'config manifest.displayName'),
  field('owner.email', 'Other@Field.example', 'config manifest.ownerEmail', 'other@field.example'),
  field('branding.logo', logo, 'config manifest.branding.logo'),
  field('branding.primaryColor', '#0b6e4f', 'config manifest.branding.primaryColor'),
  field('branding.greeting', 'Good day', 'config manifest.branding.greeting'),
  field('branding.starters', ['What is new?'], 'config manifest.branding.starters'),
  field('branding.supportEmail', 'help@field.example', 'config manifest.branding.supportEmail'),
  field('branding.locale', 'de', 'config manifest.branding.locale'),
  field('domains[].host', host, 'ingress/chat spec.rules.1.host'),
  fields('domains[].primary', domain({ primary: true }), 'config hosts.0', host),
  fields(
    'domains[].tlsSecretRef.name',
    domain({ primary: true, tlsSecretRef: { name: 'front' } }),
    'ingress/chat spec.tls.0.hosts.0',
    host,
  ),
  field('platformVersion', '0.9.0', image, 'whisperengine/whisper:0.9.0'),
  ...scaling('chat'),
  ...scaling('router'),
  ...scaling('admin'),
  field('replicas', 4, 'deployment/chat spec.replicas'),
  field('quotas.cpu', '9', 'resourcequota/tenant spec.hard.requests%cpu'),
  field('quotas.memory', '20Gi', 'resourcequota/tenant spec.hard.requests%memory'),
  field('quotas.pods', 61, 'resourcequota/tenant spec.hard.pods', '61'),
  field('network.egressAllow[].cidr', '10.9.0.0/16', 'networkpolicy/admin spec.egress.6.to.0.ipBlock.cidr'),
  fields(
    'network.egressAllow[].ports',
    { network: { egressAllow: [{ cidr: '10.9.0.0/16', ports: [8443] }] } },
    'networkpolicy/admin spec.egress.6.ports.0.port',
    8443,
  ),
  field('security.sessions.idleMinutes', 600, 'config manifest.security.sessions.idleMinutes'),
  field('security.sessions.absoluteHours', 24, 'config manifest.security.sessions.absoluteHours'),
  field('security.sessions.adminIdleMinutes', 30, 'config manifest.security.sessions.adminIdleMinutes'),
  field('security.sessions.adminAbsoluteHours', 8, 'config manifest.security.sessions.adminAbsoluteHours'),
  fields('sso.type', oidc({}), 'config manifest.sso.clientId', 'one'),
  fields('sso.oidc.issuer', oidc({ issuer: `${issuer}/two` }), 'config manifest.sso.issuer', `${issuer}/two`),
  fields('sso.oidc.clientId', oidc({ clientId: 'two' }), 'config manifest.sso.clientId', 'two'),
  fields(
    'sso.oidc.clientSecretRef.name',
    oidc({ clientSecretRef: { name: 'idp' } }),
    'config manifest.sso.clientSecretRef.name',
    'idp',
  ),
  fields(
    'sso.oidc.clientSecretRef.key',
    oidc({ clientSecretRef: { name: 'idp', key: 'other' } }),
    'secret/sso data.field%idp%other',
    Buffer.from('made at run time').toString('base64'),
  ),
  fields('sso.oidc.scopes', oidc({ scopes: ['openid'] }), 'config manifest.sso.scopes', ['openid']),
  fields('sso.oidc.claims.email', oidc({ claims: { email: 'm' } }), 'config manifest.sso.claims.email', 'm'),
  fields('sso.oidc.claims.name', oidc({ claims: { name: 'n' } }), 'config manifest.sso.claims.name', 'n'),
  fields('sso.oidc.recheckMinutes', oidc({ recheckMinutes: 15 }), 'config manifest.sso.recheckMinutes', 15),
  fields('sso.oidc.claims.groups', oidc({ claims: { groups: 'g' } }), 'config manifest.sso.claims.groups', 'g'),
  fields(
    'sso.groupRoleMap[].group',
    { sso: { groupRoleMap: [{ group: 'staff', role: 'member' }] } },
    'config manifest.sso.groupRoles.0.group',
    'staff',
  ),
  fields(
    'sso.groupRoleMap[].role',
    { sso: { groupRoleMap: [{ group: 'staff', role: 'auditor' }] } },
    'config manifest.sso.groupRoles.0.role',
    'auditor',
  ),
  fields('sso.unmatchedGroups', policy({ unmatchedGroups: 'refuse' }), 'config manifest.sso.unmatchedGroups', 'refuse'),
  fields('sso.justInTime', policy({ justInTime: false }), 'config manifest.sso.justInTime', false),
  fields('sso.emailDomains', policy({ emailDomains: ['a.example'] }), 'config manifest.sso.emailDomains', [
    'a.example',
  ]),
  fields('sso.required', policy({ required: true }), 'config manifest.sso.required', true),
  fields('sso.signOut', policy({ signOut: 'everywhere' }), 'config manifest.sso.signOut', 'everywhere'),
  fields('sso.saml.metadataUrl', saml({}), 'config manifest.sso.source.url', metadataUrl),
  fields(
    'sso.saml.attributes.email',
    saml({ attributes: { email: 'm' } }),
    'config manifest.sso.attributes.email',
    'm',
  ),
  fields('sso.saml.attributes.name', saml({ attributes: { name: 'n' } }), 'config manifest.sso.attributes.name', 'n'),
  fields(
    'sso.saml.attributes.groups',
    saml({ attributes: { groups: 'g' } }),
    'config manifest.sso.attributes.groups',
    'g',
  ),
  fields('sso.saml.idpInitiated', saml({ idpInitiated: true }), 'config manifest.sso.idpInitiated', true),
  fields('sso.saml.encryption', saml({ encryption: 'required' }), 'config manifest.sso.encryption', 'required'),
  fields('sso.saml.identityProvider.entityId', written({}), 'config manifest.sso.source.entityId', 'urn:idp'),
  fields(
    'sso.saml.identityProvider.signOnUrl',
    written({ signOnUrl: `${issuer}/on` }),
    'config manifest.sso.source.signOnUrl',
    `${issuer}/on`,
  ),
  fields(
    'sso.saml.identityProvider.signOutUrl',
    written({ signOutUrl: `${issuer}/out` }),
    'config manifest.sso.source.signOutUrl',
    `${issuer}/out`,
  ),
  fields(
    'sso.saml.identityProvider.certificates',
    written({ certificates: [certificate, certificate] }),
    'config manifest.sso.source.certificates.1',
    certificate,
  ),
  fields(
    'sso.saml.metadata',
    saml({ metadataUrl: null, identityProvider: null, metadata: '<EntityDescriptor/>'.padEnd(120) }),
    'config manifest.sso.source.kind',
    'document',
  ),
  field('security.secondFactor', 'required', 'config manifest.security.secondFactor'),
  field('models.backends[].ref', 'own', 'config manifest.models.backends.0.name'),
  field('models.discover', true, 'config manifest.models.discover'),
  field('models.allow', ['small', 'large'], 'config manifest.models.allow'),
  field('models.default', 'large', 'config manifest.models.defaultModel'),
  field('models.fallback', ['small'], 'config manifest.models.fallback'),
  field('models.systemPrompt', 'Be brief.', 'config manifest.models.systemPrompt'),
  field('models.rateLimits.rpm', 60, 'config manifest.models.rateLimits.rpm'),
  field('models.rateLimits.tpm', 9_000, 'config manifest.models.rateLimits.tpm'),
  field('models.rateLimits.concurrent', 3, 'config manifest.models.rateLimits.concurrent'),
  field('models.budget.monthlyUsd', '12.50', 'config manifest.models.monthlyMicroUsd', 12_500_000),
  field('models.budget.hardStop', true, 'config manifest.models.hardStop'),
  field('hibernate.enabled', true, 'deployment/router spec.replicas', 0),
  fields('suspended', { suspended: true, hibernate: { enabled: false } }, 'config state', 'suspended'),
]);
