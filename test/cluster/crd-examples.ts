/** A manifest's `spec` and what the API server must say to it. */
export interface CrdExample {
  readonly kind: 'WhisperTenant' | 'WhisperPlatform' | 'DatabaseShard' | 'ModelBackend';
  readonly title: string;
  readonly spec: object;
  /** `spec` of the object that is changed; left out: it is created. */
  readonly before?: object;
  /** Left out: `whisper` for the platform, any other name for the rest. */
  readonly name?: string;
  /** Message of the one rule that refuses it; left out: it is accepted. */
  readonly refusedBy?: string;
}

const tenant = (change: object = {}) => ({
  displayName: 'Acme',
  owner: { email: 'a@acme.example' },
  ...change,
});
const oidc = { issuer: 'https://id.acme.example', clientId: 'whisper' };
const saml = { metadataUrl: 'https://idp.example/metadata' };
const provider = {
  entityId: 'urn:idp',
  signOnUrl: 'https://idp.example/on',
  signOutUrl: 'https://idp.example/out',
  // Has the form of one; nothing is signed with it.
  certificates: ['A'.repeat(400)],
};
const platform = (change: object = {}) => ({ version: '1.0.0', ...change });
const shard = { connectionSecretRef: { name: 'shard' } };
const notForPooled = (field: string) => `${field} has no meaning for a pooled tenant; remove it`;
const bounds = { min: 1, max: 3 };
const crossed = { min: 4, max: 3 };

const dedicatedFields: readonly (readonly [string, unknown])[] = [
  ['replicas', 2],
  ['autoscaling', { admin: bounds }],
  ['quotas', { pods: 10 }],
  ['network', { egressAllow: [{ cidr: '10.0.0.0/8', ports: [443] }] }],
  ['hibernate', { enabled: true }],
];

const sessions = (limits: object) => tenant({ security: { sessions: limits } });

const tenants: readonly Omit<CrdExample, 'kind'>[] = [
  { title: 'limits of sessions', spec: sessions({ idleMinutes: 59, absoluteHours: 1, adminIdleMinutes: 30 }) },
  {
    title: 'sessions of the chat that idle as long as they last',
    spec: sessions({ idleMinutes: 60, absoluteHours: 1 }),
    refusedBy: 'idleMinutes must be shorter than absoluteHours',
  },
  {
    title: 'sessions of the admin pages that idle as long as they last',
    spec: sessions({ adminIdleMinutes: 120, adminAbsoluteHours: 2 }),
    refusedBy: 'adminIdleMinutes must be shorter than adminAbsoluteHours',
  },
  { title: 'a plain tenant', spec: tenant() },
  { title: 'a second factor for everybody', spec: tenant({ security: { secondFactor: 'required' } }) },
  { title: 'sso of type oidc with its settings', spec: tenant({ sso: { type: 'oidc', oidc } }) },
  {
    title: 'sso of type oidc without them',
    spec: tenant({ sso: { type: 'oidc' } }),
    refusedBy: 'oidc must be set when type is oidc, and only then',
  },
  {
    title: 'settings of oidc beside type none',
    spec: tenant({ sso: { type: 'none', oidc } }),
    refusedBy: 'oidc must be set when type is oidc, and only then',
  },
  {
    title: 'an issuer that is no web address',
    spec: tenant({ sso: { type: 'oidc', oidc: { ...oidc, issuer: 'ftp://x.example' } } }),
    refusedBy: 'must be an http or https URL',
  },
  {
    title: 'an identity provider that is asked again',
    spec: tenant({ sso: { type: 'oidc', oidc: { ...oidc, recheckMinutes: 5 } } }),
  },
  { title: 'sso of type saml with a metadata address', spec: tenant({ sso: { type: 'saml', saml } }) },
  {
    title: 'sso of type saml without its settings',
    spec: tenant({ sso: { type: 'saml' } }),
    refusedBy: 'saml must be set when type is saml, and only then',
  },
  {
    title: 'settings of saml beside type oidc',
    spec: tenant({ sso: { type: 'oidc', oidc, saml } }),
    refusedBy: 'saml must be set when type is saml, and only then',
  },
  {
    title: 'a SAML provider described twice',
    spec: tenant({ sso: { type: 'saml', saml: { ...saml, metadata: '<EntityDescriptor/>'.padEnd(100) } } }),
    refusedBy: 'must have exactly one of metadataUrl, metadata and identityProvider',
  },
  {
    title: 'a SAML provider not described at all',
    spec: tenant({ sso: { type: 'saml', saml: { idpInitiated: true } } }),
    refusedBy: 'must have exactly one of metadataUrl, metadata and identityProvider',
  },
  {
    title: 'a SAML provider written out',
    spec: tenant({ sso: { type: 'saml', saml: { identityProvider: provider } } }),
  },
  {
    title: 'a SAML provider whose sign-on is no web address',
    spec: tenant({
      sso: { type: 'saml', saml: { identityProvider: { ...provider, signOnUrl: 'ftp://idp.example/on' } } },
    }),
    refusedBy: 'must be an http or https URL',
  },
  {
    title: 'a SAML provider whose sign-out is no web address',
    spec: tenant({
      sso: { type: 'saml', saml: { identityProvider: { ...provider, signOutUrl: 'ftp://idp.example/out' } } },
    }),
    refusedBy: 'must be an http or https URL',
  },
  {
    title: 'a metadata address that is no web address',
    spec: tenant({ sso: { type: 'saml', saml: { metadataUrl: 'file:///etc/passwd' } } }),
    refusedBy: 'must be an http or https URL',
  },
  { title: 'a default within allow', spec: tenant({ models: { allow: ['a', 'b'], default: 'b' } }) },
  { title: 'a default without allow', spec: tenant({ models: { default: 'b' } }) },
  {
    title: 'a default outside allow',
    spec: tenant({ models: { allow: ['a'], default: 'b' } }),
    refusedBy: 'default must be one of allow',
  },
  { title: 'fallbacks within allow', spec: tenant({ models: { allow: ['a', 'b'], fallback: ['b', 'a'] } }) },
  {
    title: 'a fallback outside allow',
    spec: tenant({ models: { allow: ['a'], fallback: ['a', 'b'] } }),
    refusedBy: 'each fallback must be one of allow',
  },
  {
    title: 'one primary domain',
    spec: tenant({ domains: [{ host: 'a.example', primary: true }, { host: 'b.example' }] }),
  },
  {
    title: 'two primary domains',
    spec: tenant({
      domains: [
        { host: 'a.example', primary: true },
        { host: 'b.example', primary: true },
      ],
    }),
    refusedBy: 'at most one domain may be primary',
  },
  { title: 'quotas in numbers and in words', spec: tenant({ quotas: { cpu: 4, memory: '1.5Gi' } }) },
  { title: 'a pooled tenant', spec: tenant({ isolation: 'pooled' }) },
  ...dedicatedFields.map(([field, value]) => ({
    title: `${field} of a dedicated tenant`,
    spec: tenant({ [field]: value }),
  })),
  ...dedicatedFields.map(([field, value]) => ({
    title: `${field} of a pooled tenant`,
    spec: tenant({ isolation: 'pooled', [field]: value }),
    refusedBy: notForPooled(field),
  })),
  ...['chat', 'router', 'admin'].flatMap((app) => [
    { title: `bounds of the ${app} in their order`, spec: tenant({ autoscaling: { [app]: bounds } }) },
    {
      title: `bounds of the ${app} the wrong way round`,
      spec: tenant({ autoscaling: { [app]: crossed } }),
      refusedBy: 'min must not be above max',
    },
  ]),
  {
    title: 'a shard named later',
    before: tenant(),
    spec: tenant({ database: { shard: 'one' } }),
  },
  {
    title: 'another deletion policy on the same shard',
    before: tenant({ database: { shard: 'one' } }),
    spec: tenant({ database: { shard: 'one', deletionPolicy: 'Snapshot' } }),
  },
  {
    title: 'another shard',
    before: tenant({ database: { shard: 'one' } }),
    spec: tenant({ database: { shard: 'two' } }),
    refusedBy: 'database.shard cannot be changed: a tenant stays on its shard',
  },
  {
    title: 'a shard taken away',
    before: tenant({ database: { shard: 'one' } }),
    spec: tenant(),
    refusedBy: 'database.shard cannot be changed: a tenant stays on its shard',
  },
  { title: 'the same region', before: tenant({ region: 'eu' }), spec: tenant({ region: 'eu', displayName: 'Acme 2' }) },
  {
    title: 'another region',
    before: tenant({ region: 'eu' }),
    spec: tenant({ region: 'us' }),
    refusedBy: 'region cannot be changed: the data would have to move',
  },
];

const gateway = { name: 'public', namespace: 'gateways' };
const platforms: readonly Omit<CrdExample, 'kind'>[] = [
  { title: 'a plain platform', spec: platform() },
  { title: 'a gateway that is named', spec: platform({ ingress: { type: 'gateway', gateway } }) },
  {
    title: 'a gateway without a name',
    spec: platform({ ingress: { type: 'gateway' } }),
    refusedBy: 'gateway must be set when type is gateway, and only then',
  },
  {
    title: 'a gateway beside an ingress',
    spec: platform({ ingress: { type: 'ingress', gateway } }),
    refusedBy: 'gateway must be set when type is gateway, and only then',
  },
  {
    title: 'addresses of the web',
    spec: platform({ publicUrl: 'https://chat.example', otlpEndpoint: 'http://o:4318' }),
  },
  {
    title: 'a public address of another kind',
    spec: platform({ publicUrl: 'ftp://chat.example' }),
    refusedBy: 'must be an http or https URL',
  },
  {
    title: 'a trace endpoint of another kind',
    spec: platform({ otlpEndpoint: 'grpc://o:4317' }),
    refusedBy: 'must be an http or https URL',
  },
  ...['chat', 'router', 'admin'].flatMap((app) => [
    { title: `default bounds of the ${app} in their order`, spec: platform({ autoscaling: { [app]: bounds } }) },
    {
      title: `default bounds of the ${app} the wrong way round`,
      spec: platform({ autoscaling: { [app]: crossed } }),
      refusedBy: 'min must not be above max',
    },
  ]),
  {
    title: 'a second platform',
    name: 'other',
    spec: platform(),
    refusedBy: 'there is one of this kind, named whisper',
  },
];

const url = 'http://127.0.0.1:1/v1';
const needsUrl = 'url must be set, except for provider demo';
const backends: readonly Omit<CrdExample, 'kind'>[] = [
  { title: 'a backend with its address', spec: { provider: 'openai', url } },
  { title: 'a backend without one', spec: { provider: 'vllm' }, refusedBy: needsUrl },
  {
    title: 'a backend whose address is no web address',
    spec: { provider: 'vllm', url: 'ftp://x.example' },
    refusedBy: 'must be an http or https URL',
  },
  { title: 'the demo provider', spec: { provider: 'demo' } },
  { title: 'the demo provider with an address', spec: { provider: 'demo', url }, refusedBy: needsUrl },
];

/** An accepted and a refused example for every rule of every kind, for the generator's specs and a real API server. */
export const crdExamples: readonly CrdExample[] = [
  ...tenants.map((example): CrdExample => ({ kind: 'WhisperTenant', ...example })),
  ...platforms.map((example): CrdExample => ({ kind: 'WhisperPlatform', ...example })),
  { kind: 'DatabaseShard', title: 'a plain shard', spec: shard },
  ...backends.map((example): CrdExample => ({ kind: 'ModelBackend', ...example })),
];
