import { describe, expect, it } from '@jest/globals';
import { renderManifests } from './render-manifests.js';

const tenant = (spec: object, name = 'acme') => ({
  apiVersion: 'whisperengine.ai/v1alpha1',
  kind: 'WhisperTenant',
  metadata: { name },
  spec: { displayName: 'Acme', owner: { email: 'owner@acme.example' }, ...spec },
});
const platform = (spec: object) => ({
  file: 'platform.yaml',
  text: JSON.stringify({
    apiVersion: 'whisperengine.ai/v1alpha1',
    kind: 'WhisperPlatform',
    metadata: { name: 'whisper' },
    spec: { version: '2.0.0', ...spec },
  }),
});
const file = (...objects: readonly object[]) => [
  { file: 'tenant.yaml', text: objects.map((object) => JSON.stringify(object)).join('\n---\n') },
];
const find = (objects: readonly { kind: string; metadata: { name: string } }[], kind: string, name: string) =>
  objects.find((object) => object.kind === kind && object.metadata.name === name);

describe('rendering manifests without a cluster', () => {
  it('makes the objects of a tenant at the hosts of the platform', () => {
    const given = platform({ publicUrl: 'https://chat.example', ingress: { type: 'ingress' } });
    const [acme] = renderManifests(file(tenant({ domains: [{ host: 'ask.acme.example' }] })), given, '1.0.0');

    expect(find(acme?.objects ?? [], 'Ingress', 'chat')).toMatchObject({
      spec: { rules: [{ host: 'acme.chat.example' }, { host: 'ask.acme.example' }] },
    });
    expect(find(acme?.objects ?? [], 'Deployment', 'chat')).toMatchObject({
      spec: { template: { spec: { containers: [{ image: 'whisperengine/whisper:2.0.0' }] } } },
    });
  });

  it('names each secret that a cluster would have to hold', () => {
    const oidc = { issuer: 'https://id.example', clientId: 'w', clientSecretRef: { name: 'oidc', key: 'secret' } };
    const [acme] = renderManifests(file(tenant({ sso: { type: 'oidc', oidc } })), null, '1.0.0');

    expect(find(acme?.objects ?? [], 'Secret', 'sso')).toMatchObject({
      stringData: { 'acme.oidc.secret': 'PLACEHOLDER acme/oidc/secret' },
    });
  });

  it('hands a tenant the backends that it names, and no other', () => {
    const backend = (name: string) => ({
      apiVersion: 'whisperengine.ai/v1alpha1',
      kind: 'ModelBackend',
      metadata: { name },
      spec: { provider: 'demo' },
    });
    const named = tenant({ models: { backends: [{ ref: 'one' }] } });
    const [acme] = renderManifests(file(backend('one'), backend('two'), named), null, '1.0.0');
    const { data } = find(acme?.objects ?? [], 'ConfigMap', 'tenant') as unknown as { data: Record<string, string> };

    expect(JSON.parse(data['backends.json'] ?? '')).toEqual([
      { name: 'one', revision: '', spec: { provider: 'demo' } },
    ]);
  });

  it('makes nothing of a pooled tenant', () => {
    expect(renderManifests(file(tenant({ isolation: 'pooled' })), null, '1.0.0')).toEqual([
      { name: 'acme', isolation: 'pooled', objects: [] },
    ]);
  });

  it.each([
    ['a tenant', tenant({ ring: 'outer' }), platform({}), /tenant.yaml:1: acme: spec.ring/],
    ['the platform', tenant({}), platform({ rollout: { soakSeconds: -1 } }), /platform.yaml: spec.rollout.soakSeconds/],
  ])('names the faults of %s', (_case, manifest, given, words) => {
    expect(() => renderManifests(file(manifest), given, '1.0.0')).toThrow(
      expect.objectContaining({ code: 'manifest_invalid', message: expect.stringMatching(words) }),
    );
  });
});
