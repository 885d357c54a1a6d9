import { describe, expect, it } from '@jest/globals';
import { renderInput } from '#test/support/render-input.js';
import { networkPolicies } from './network-policies.js';
import { egressTo } from './network-peers.js';

const anywhere = [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }];
const port = (number: number) => [{ protocol: 'TCP', port: number }];
const inNamespace = (name: string) => ({
  namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } },
});
const ownPods = { podSelector: {} };
const specOf = (name: string, change: Parameters<typeof renderInput>[0] = {}) =>
  networkPolicies(renderInput(change)).find(({ metadata }) => metadata.name === name)?.['spec'];

describe('the way out to a server', () => {
  it.each([
    ['an address', 'http://10.1.2.3:8080/v1', { to: [{ ipBlock: { cidr: '10.1.2.3/32' } }], ports: port(8080) }],
    ['an IPv6 address', 'http://[fd00::1]:8080', { to: [{ ipBlock: { cidr: 'fd00::1/128' } }], ports: port(8080) }],
    ['a Service of the cluster', 'http://idp.auth.svc:80', { to: [inNamespace('auth')] }],
    ['a Service by its full name', 'redis://r.data.svc.cluster.local', { to: [inNamespace('data')] }],
    ['a host name', 'https://api.example', { to: anywhere, ports: port(443) }],
    ['PostgreSQL without a port', 'postgres://db.example/x', { to: anywhere, ports: port(5432) }],
    ['a known host name', 'https://known.example', { to: [{ ipBlock: { cidr: '192.0.2.1/32' } }], ports: port(443) }],
  ])('opens no more than it takes: %s', (_case, url, expected) => {
    expect(egressTo(url, { 'known.example': ['192.0.2.1'] })).toEqual(expected);
  });
});

describe('the network policies', () => {
  it('refuse everything that no other one allows', () => {
    expect(specOf('default-deny')).toEqual({ podSelector: {}, policyTypes: ['Ingress', 'Egress'] });
  });

  it('let the ingress to the public port, and the own pods, operator and monitoring to the internal one', () => {
    const platform = { ingress: { type: 'ingress', namespace: 'ingress' }, monitoring: { namespace: 'monitoring' } };

    expect(specOf('router', { platform })).toMatchObject({
      ingress: [
        { from: [inNamespace('ingress')], ports: port(4780) },
        { from: [ownPods, inNamespace('whisper-system'), inNamespace('monitoring')], ports: port(4781) },
      ],
    });
  });

  it('let every source to the public port where no ingress is named', () => {
    expect(specOf('chat')).toMatchObject({ ingress: [{ ports: port(4780) }, { from: expect.anything() }] });
  });

  it('let each app reach what it calls, and no more', () => {
    const base = [
      {
        to: [inNamespace('kube-system'), { ipBlock: { cidr: '169.254.20.10/32' } }],
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
      { to: [ownPods], ports: port(4781) },
      { to: [{ ipBlock: { cidr: '10.1.2.3/32' } }], ports: port(5433) },
      { to: [inNamespace('data')] },
    ];
    const change = {
      issuer: 'http://idp.auth.svc',
      facts: {
        backends: [
          { name: 'one', revision: 'r', spec: { provider: 'vllm' as const, url: 'http://10.9.9.9:8000/v1' } },
          { name: 'two', revision: 'r', spec: { provider: 'demo' as const } },
        ],
      },
    };

    // The admin pages check the identity provider while somebody sets it up.
    for (const app of ['admin', 'chat'] as const)
      expect(specOf(app, change)).toMatchObject({ egress: [...base, { to: [inNamespace('auth')] }] });
    expect(specOf('router', change)).toMatchObject({
      egress: [...base, { to: [{ ipBlock: { cidr: '10.9.9.9/32' } }], ports: port(8000) }],
    });
  });

  it('let no app out to the web where the manifest wants no identity provider', () => {
    const outside = { to: [{ ipBlock: { cidr: '0.0.0.0/0' } }, { ipBlock: { cidr: '::/0' } }], ports: port(443) };
    const egressOf = (app: 'chat' | 'admin' | 'router', sso?: { type: 'none' }) =>
      (specOf(app, sso === undefined ? {} : { sso }) as { egress: object[] }).egress;

    expect([egressOf('chat'), egressOf('admin')]).toEqual([
      expect.arrayContaining([outside]),
      expect.arrayContaining([outside]),
    ]);
    expect(egressOf('router')).not.toContainEqual(outside);
    for (const app of ['chat', 'admin'] as const) expect(egressOf(app, { type: 'none' })).not.toContainEqual(outside);
  });

  it('let every app reach what the tenant names', () => {
    const network = { egressAllow: [{ cidr: '192.0.2.0/24', ports: [8443] }, { cidr: '198.51.100.0/24' }] };

    for (const app of ['chat', 'router', 'admin'])
      expect(specOf(app, { spec: { network } })).toMatchObject({
        egress: expect.arrayContaining([
          { to: [{ ipBlock: { cidr: '192.0.2.0/24' } }], ports: port(8443) },
          { to: [{ ipBlock: { cidr: '198.51.100.0/24' } }] },
        ]),
      });
  });
});
