import { describe, expect, it } from '@jest/globals';
import { renderInput } from '#test/support/render-input.js';
import { type PooledTenant, type SharedInput, sharedObjects } from './shared-objects.js';

const tenant = (name: string, certificates: Readonly<Record<string, string>> = {}): PooledTenant => ({
  name,
  hosts: [`${name}.example`],
  certificates,
});

function input(change: Partial<SharedInput> = {}, platform: object = { ingress: { type: 'ingress' } }): SharedInput {
  return {
    namespace: 'whisper-system',
    platformUid: 'u',
    platform: renderInput({ platform }).platform,
    capabilities: { gatewayApi: true, serviceMonitor: true, customMetrics: true },
    databaseUrl: 'postgres://app',
    redisUrl: null,
    serviceKeys: '[]',
    clusterKeys: '{}',
    shards: [
      { name: 'two', url: 'postgres://two' },
      { name: 'one', url: 'postgres://one' },
    ],
    secrets: [{ owner: 'globex', name: 'oidc', key: 'value', value: 's' }],
    tenants: [tenant('globex')],
    ...change,
  };
}

describe('the objects of the shared workloads', () => {
  it('hold every shard and every secret under one name each', () => {
    const keys = sharedObjects(input())
      .filter(({ kind }) => kind === 'Secret')
      .map(({ metadata, data }) => [metadata.name, Object.keys(data as object)]);

    expect(keys).toEqual([
      ['whisper-shared', ['database-url', 'service-keys.json', 'cluster-keys.json']],
      ['whisper-shards', ['one', 'two']],
      ['whisper-pooled-secrets', ['globex.oidc.value']],
    ]);
  });

  it('route every host name of every tenant once', () => {
    const tenants = Array.from({ length: 100 }, (_none, index) => tenant(`t${index}`));
    const rules = sharedObjects(input({ tenants }))
      .filter(({ kind }) => kind === 'Ingress')
      .flatMap(({ spec }) => (spec as { rules: { host: string }[] }).rules.map(({ host }) => host));

    expect([...rules].sort()).toEqual(
      tenants.flatMap(({ name }) => [`${name}.example`, `admin.${name}.example`]).sort(),
    );
  });

  it('change one route at most when a tenant is added, whatever the order they come in', () => {
    const tenants = Array.from({ length: 50 }, (_none, index) => tenant(`t${index}`));
    const textsOf = (list: readonly PooledTenant[]) =>
      sharedObjects(input({ tenants: list })).map((one) => JSON.stringify(one));

    const before = new Set(textsOf(tenants));
    const after = textsOf([tenant('new'), ...tenants].reverse());

    expect(after.filter((text) => !before.has(text))).toHaveLength(1);
  });

  it('name the certificates that were brought along, and let an issuer make the rest', () => {
    const platform = { ingress: { type: 'ingress', clusterIssuer: 'ca' } };
    const tenants = [{ name: 'a', hosts: ['own.example', 'a.example'], certificates: { 'own.example': 'own-tls' } }];
    const [route] = sharedObjects(input({ tenants }, platform)).filter(({ kind }) => kind === 'Ingress');

    expect(route?.['spec']).toMatchObject({
      tls: [
        { hosts: ['own.example', 'admin.own.example'], secretName: 'own-tls' },
        { hosts: ['a.example', 'admin.a.example'], secretName: 'tls-a' },
      ],
    });
  });

  it('are HTTPRoutes behind a Gateway', () => {
    const platform = { ingress: { type: 'gateway', gateway: { name: 'g', namespace: 'g' } } };
    const made = sharedObjects(input({}, platform)).filter(({ kind }) => kind === 'HTTPRoute');

    expect(made.map(({ spec }) => (spec as { hostnames: string[] }).hostnames)).toEqual([
      ['globex.example'],
      ['admin.globex.example'],
    ]);
  });
});
