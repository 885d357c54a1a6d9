import { describe, expect, it } from '@jest/globals';
import { renderInput } from '#test/support/render-input.js';
import { secrets } from './secrets.js';

const decoded = (data: unknown) =>
  Object.fromEntries(
    Object.entries(data as Record<string, string>).map(([key, text]) => [key, Buffer.from(text, 'base64').toString()]),
  );
const textsOf = (facts: Parameters<typeof renderInput>[0]) =>
  Object.fromEntries(secrets(renderInput(facts)).map(({ metadata, data }) => [metadata.name, decoded(data)]));

describe('the secrets of a tenant', () => {
  it('hold what its pods need and nothing of anybody else', () => {
    const texts = textsOf({
      facts: {
        databaseUrl: 'postgres://a',
        redisUrl: 'redis://a',
        masterKey: 'm',
        serviceKeys: '[]',
        clusterKeys: '{}',
        secrets: [
          { owner: 'backend-vllm', name: 'vllm', key: 'value', value: 'b' },
          { owner: 'acme', name: 'oidc', key: 'value', value: 'ü' },
        ],
      },
    });

    expect(texts).toEqual({
      database: { url: 'postgres://a' },
      redis: { url: 'redis://a' },
      keys: { 'master-key': 'm', 'service-keys.json': '[]', 'cluster-keys.json': '{}' },
      sso: { 'acme.oidc.value': 'ü' },
      backends: { 'backend-vllm.vllm.value': 'b' },
    });
  });

  it('hold no Redis login where there is no Redis', () => {
    expect(Object.keys(textsOf({ facts: { redisUrl: null } }))).not.toContain('redis');
  });

  it('hold certificates and pull secrets in the forms that the cluster knows', () => {
    const made = secrets(
      renderInput({
        facts: {
          certificates: [{ host: 'own.example', certificate: 'c', key: 'k' }],
          pullSecrets: { registry: '{"auths":{}}' },
        },
      }),
    );

    expect(made.slice(-2).map(({ type, data }) => [type, decoded(data)])).toEqual([
      ['kubernetes.io/tls', { 'tls.crt': 'c', 'tls.key': 'k' }],
      ['kubernetes.io/dockerconfigjson', { '.dockerconfigjson': '{"auths":{}}' }],
    ]);
  });
});
