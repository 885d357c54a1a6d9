import { describe, expect, it } from '@jest/globals';
import { renderInput } from '#test/support/render-input.js';
import { routes } from './routes.js';
import { certificateName } from './secrets.js';

const ingress = { type: 'ingress', className: 'nginx', namespace: 'ingress' };
const backend = (name: string) => ({ service: { name, port: { name: 'http' } } });
const path = (value: string, name: string) => ({ path: value, pathType: 'Prefix', backend: backend(name) });

describe('routes by Ingress', () => {
  it('bring /v1 to the router, the rest to the chat, and admin hosts to admin', () => {
    const made = routes(renderInput({ platform: { ingress } })).map(({ metadata, spec }) => [metadata.name, spec]);

    expect(made).toEqual([
      [
        'chat',
        {
          ingressClassName: 'nginx',
          rules: [{ host: 'acme.example', http: { paths: [path('/v1', 'router'), path('/', 'chat')] } }],
        },
      ],
      [
        'admin',
        { ingressClassName: 'nginx', rules: [{ host: 'admin.acme.example', http: { paths: [path('/', 'admin')] } }] },
      ],
    ]);
  });

  it('use the certificate that was brought along, and let an issuer make the rest', () => {
    const made = routes(
      renderInput({
        platform: { ingress: { ...ingress, clusterIssuer: 'acme-ca' } },
        hosts: ['own.example', 'acme.example'],
        facts: { certificates: [{ host: 'own.example', certificate: 'c', key: 'k' }] },
      }),
    );

    expect(made.map(({ metadata }) => metadata.annotations)).toEqual([
      { 'cert-manager.io/cluster-issuer': 'acme-ca' },
      { 'cert-manager.io/cluster-issuer': 'acme-ca' },
    ]);
    expect(made.map(({ spec }) => (spec as { tls: unknown }).tls)).toEqual([
      [
        { hosts: ['own.example'], secretName: certificateName('own.example') },
        { hosts: ['acme.example'], secretName: 'tls-chat' },
      ],
      [
        { hosts: ['admin.own.example'], secretName: certificateName('own.example') },
        { hosts: ['admin.acme.example'], secretName: 'tls-admin' },
      ],
    ]);
  });

  it('carry the annotations of the platform', () => {
    const annotations = [{ name: 'nginx.ingress.kubernetes.io/proxy-read-timeout', value: '3600' }];

    for (const { metadata } of routes(renderInput({ platform: { ingress: { ...ingress, annotations } } })))
      expect(metadata.annotations).toEqual({ 'nginx.ingress.kubernetes.io/proxy-read-timeout': '3600' });
  });
});

describe('routes by Gateway', () => {
  const gateway = { name: 'public', namespace: 'gateways', sectionName: 'https' };
  const platform = { ingress: { type: 'gateway', gateway } };

  it('hang on the named listener and set no deadline to an answer', () => {
    const [chat] = routes(renderInput({ platform }));

    expect(chat?.['spec']).toEqual({
      parentRefs: [gateway],
      hostnames: ['acme.example'],
      rules: [
        {
          matches: [{ path: { type: 'PathPrefix', value: '/v1' } }],
          backendRefs: [{ name: 'router', port: 4780 }],
          timeouts: { request: '0s' },
        },
        {
          matches: [{ path: { type: 'PathPrefix', value: '/' } }],
          backendRefs: [{ name: 'chat', port: 4780 }],
          timeouts: { request: '0s' },
        },
      ],
    });
  });

  it('are more than one where a tenant has more host names than one may hold', () => {
    const hosts = Array.from({ length: 17 }, (_none, index) => `h${index}.example`);
    const made = routes(renderInput({ platform, hosts }));

    expect(made.map(({ metadata }) => metadata.name)).toEqual(['chat', 'chat-2', 'admin', 'admin-2']);
    expect(made.map(({ spec }) => (spec as { hostnames: unknown[] }).hostnames.length)).toEqual([16, 1, 16, 1]);
  });
});

it('there are none where the platform names no way in', () => {
  expect(routes(renderInput())).toEqual([]);
});
