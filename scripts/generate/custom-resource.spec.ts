import { describe, expect, it } from '@jest/globals';
import { evaluate } from '@marcbachmann/cel-js';
import type { z } from 'zod';
import { BackendManifest, TenantManifest } from '#libs/contracts/tenant-spec.js';
import { backendColumns, customResource, tenantColumns } from './custom-resource.js';
import { type SchemaNode, schemaNode } from './json-schema.js';

const tenant = TenantManifest.shape.spec;
const backend = BackendManifest.shape.spec;
const definitions = [
  customResource({
    kind: 'WhisperTenant',
    plural: 'whispertenants',
    shortName: 'wt',
    spec: tenant,
    columns: tenantColumns,
  }),
  customResource({
    kind: 'ModelBackend',
    plural: 'modelbackends',
    shortName: 'mb',
    spec: backend,
    columns: backendColumns,
  }),
];

/** What validation.go and schema/validation.go of apiextensions-apiserver refuse in a structural schema. */
const refused = [
  'additionalProperties',
  '$ref',
  '$schema',
  'id',
  'oneOf',
  'anyOf',
  'allOf',
  'not',
  'uniqueItems',
  'definitions',
];

interface Visited {
  readonly path: string;
  readonly node: SchemaNode;
}

function visit(path: string, node: SchemaNode): Visited[] {
  return [
    { path, node },
    ...Object.entries(node.properties ?? {}).flatMap(([name, child]) => visit(`${path}.${name}`, child)),
    ...(node.items === undefined ? [] : visit(`${path}[]`, node.items)),
  ];
}

const nodes = definitions.flatMap((definition) =>
  definition.spec.versions.flatMap(({ schema }) =>
    visit(definition.spec.names.kind, schema.openAPIV3Schema as unknown as SchemaNode),
  ),
);

/** Whether every CEL rule of `spec` holds for `value`, as the API server would ask them. */
function admits(spec: z.ZodType, value: unknown): boolean {
  const holds = (node: SchemaNode, self: unknown): boolean => {
    if (self === undefined) return true;
    if (!(node['x-kubernetes-validations'] ?? []).every(({ rule }) => evaluate(rule, { self }) === true)) return false;
    if (Array.isArray(self)) return self.every((item) => node.items === undefined || holds(node.items, item));
    if (typeof self !== 'object' || self === null) return true;
    const fields = new Map(Object.entries(self));
    return Object.entries(node.properties ?? {}).every(([name, child]) => holds(child, fields.get(name)));
  };
  return holds(schemaNode(spec), value);
}

const tenantWith = (change: object) => ({ displayName: 'Acme', owner: { email: 'a@acme.example' }, ...change });
const oidc = { issuer: 'https://id.acme.example', clientId: 'whisper' };

describe('the custom resource definitions', () => {
  it('hold nothing that a structural schema may not hold', () => {
    const faults = nodes.flatMap(({ path, node }) =>
      refused.filter((key) => key in node).map((key) => `${path}: ${key}`),
    );

    expect(faults).toEqual([]);
  });

  it('give every field a type', () => {
    expect(nodes.filter(({ node }) => node.type === undefined).map(({ path }) => path)).toEqual([]);
  });

  it('have no pattern that RE2 refuses', () => {
    const faults = nodes.filter(({ node }) => /\(\?[=!<]|\\[1-9]/.test(node.pattern ?? '')).map(({ path }) => path);

    expect(faults).toEqual([]);
  });

  it('bound every list and text, so that each rule has a bounded cost', () => {
    const open = nodes
      .filter(({ path }) => path.includes('.spec'))
      .filter(({ node }) => node.type === 'array' && node.maxItems === undefined)
      .map(({ path }) => path);

    expect(open).toEqual([]);
  });

  it('hold domains as a map by host, and status apart from spec', () => {
    const [domains] = nodes.filter(({ path }) => path === 'WhisperTenant.spec.domains');

    expect(domains?.node['x-kubernetes-list-map-keys']).toEqual(['host']);
    for (const { spec } of definitions) expect(spec.versions[0]?.subresources).toEqual({ status: {} });
  });
});

describe('the CEL rules', () => {
  it.each<[string, z.ZodType, object, boolean]>([
    ['a plain tenant', tenant, tenantWith({}), true],
    ['sso of type oidc with its settings', tenant, tenantWith({ sso: { type: 'oidc', oidc } }), true],
    ['sso of type oidc without them', tenant, tenantWith({ sso: { type: 'oidc' } }), false],
    ['settings of oidc beside type none', tenant, tenantWith({ sso: { type: 'none', oidc } }), false],
    [
      'an issuer that is no web address',
      tenant,
      tenantWith({ sso: { type: 'oidc', oidc: { ...oidc, issuer: 'ftp://x.example' } } }),
      false,
    ],
    ['a default within allow', tenant, tenantWith({ models: { allow: ['a', 'b'], default: 'b' } }), true],
    ['a default without allow', tenant, tenantWith({ models: { default: 'b' } }), true],
    ['a default outside allow', tenant, tenantWith({ models: { allow: ['a'], default: 'b' } }), false],
    ['fallbacks within allow', tenant, tenantWith({ models: { allow: ['a', 'b'], fallback: ['b', 'a'] } }), true],
    ['a fallback outside allow', tenant, tenantWith({ models: { allow: ['a'], fallback: ['a', 'b'] } }), false],
    [
      'one primary domain',
      tenant,
      tenantWith({ domains: [{ host: 'a.example', primary: true }, { host: 'b.example' }] }),
      true,
    ],
    [
      'two primary domains',
      tenant,
      tenantWith({
        domains: [
          { host: 'a.example', primary: true },
          { host: 'b.example', primary: true },
        ],
      }),
      false,
    ],
    ['a backend with its address', backend, { provider: 'openai', url: 'http://127.0.0.1:1/v1' }, true],
    ['a backend without one', backend, { provider: 'vllm' }, false],
    ['the demo provider', backend, { provider: 'demo' }, true],
    ['the demo provider with an address', backend, { provider: 'demo', url: 'http://127.0.0.1:1/v1' }, false],
  ])('decide like zod: %s', (_case, spec, value, isGood) => {
    expect({ zod: spec.safeParse(value).success, cel: admits(spec, value) }).toEqual({ zod: isGood, cel: isGood });
  });
});
