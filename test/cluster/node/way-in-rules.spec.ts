import { describe, expect, it } from '@jest/globals';
import { wayFor, waysIn } from './way-in-rules.js';

const service = (namespace: string, name: string, clusterIP: string) => ({
  kind: 'Service',
  metadata: { namespace, name },
  spec: { clusterIP, ports: [{ name: 'http', port: 4780 }] },
});
const path = (text: string, name: string) => ({ path: text, backend: { service: { name, port: { name: 'http' } } } });
const ways = waysIn([
  service('acme', 'chat', '10.0.0.1'),
  service('acme', 'router', '10.0.0.2'),
  service('globex', 'chat', '10.0.0.3'),
  {
    kind: 'Ingress',
    metadata: { namespace: 'acme', name: 'chat' },
    spec: { rules: [{ host: 'acme.example', http: { paths: [path('/', 'chat'), path('/v1', 'router')] } }] },
  },
  {
    kind: 'Ingress',
    metadata: { namespace: 'globex', name: 'chat' },
    spec: { rules: [{ host: 'globex.example', http: { paths: [path('/', 'chat'), path('/v1', 'router')] } }] },
  },
]);

describe('the way in', () => {
  it.each([
    ['acme.example', '/', '10.0.0.1'],
    ['acme.example:4780', '/v1/models', '10.0.0.2'],
    ['acme.example', '/v1', '10.0.0.2'],
    ['acme.example', '/v10', '10.0.0.1'],
    ['globex.example', '/', '10.0.0.3'],
    ['globex.example', '/v1', '10.0.0.3'],
    ['elsewhere.example', '/', undefined],
  ])('of %s%s leads to %s', (host, requested, address) => {
    expect(wayFor(ways, host, requested)?.address).toBe(address);
  });
});
