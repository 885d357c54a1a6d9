import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { renderInput } from '#test/support/render-input.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { desired } from './desired.js';

const nameOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;
const namesOf = (...change: Parameters<typeof renderInput>) => desired(renderInput(...change)).map(nameOf);

describe('the objects of a dedicated tenant', () => {
  it('come in the order in which they can be made', () => {
    expect(namesOf({ platform: { ingress: { type: 'ingress' } } })).toEqual([
      'Namespace whisper-acme',
      'ResourceQuota tenant',
      'LimitRange tenant',
      'ServiceAccount chat',
      'ServiceAccount router',
      'ServiceAccount admin',
      'NetworkPolicy default-deny',
      'NetworkPolicy chat',
      'NetworkPolicy router',
      'NetworkPolicy admin',
      'Secret database',
      'Secret redis',
      'Secret keys',
      'Secret sso',
      'Secret backends',
      'ConfigMap tenant',
      'Service chat',
      'Service router',
      'Service admin',
      'Deployment chat',
      'Deployment router',
      'Deployment admin',
      'PodDisruptionBudget chat',
      'PodDisruptionBudget router',
      'PodDisruptionBudget admin',
      'HorizontalPodAutoscaler chat',
      'HorizontalPodAutoscaler router',
      'HorizontalPodAutoscaler admin',
      'Ingress chat',
      'Ingress admin',
      'ServiceMonitor whisper',
    ]);
  });

  it('each carry the labels, the owner and the namespace', () => {
    for (const { kind, metadata } of desired(renderInput())) {
      expect(metadata.labels).toMatchObject({
        'app.kubernetes.io/managed-by': 'whisper-operator',
        'app.kubernetes.io/part-of': 'whisper',
        'app.kubernetes.io/version': '1.2.0',
        'whisperengine.ai/tenant': 'acme',
      });
      expect(metadata.ownerReferences).toEqual([
        {
          apiVersion: 'whisperengine.ai/v1alpha1',
          kind: 'WhisperTenant',
          name: 'acme',
          uid: '00000000-0000-4000-8000-00000000acce',
          controller: true,
          blockOwnerDeletion: true,
        },
      ]);
      expect(metadata.namespace).toBe(kind === 'Namespace' ? undefined : 'whisper-acme');
    }
  });

  it('are unlike by kind and name', () => {
    const names = namesOf({ platform: { ingress: { type: 'ingress' } } });

    expect(new Set(names).size).toBe(names.length);
  });

  it.each([
    ['it hibernates', { hibernate: { enabled: true } }],
    ['it is suspended', { suspended: true }],
  ])('run no pod and no autoscaler while %s', (_case, spec) => {
    const objects = desired(renderInput({ spec }));

    expect(objects.map(({ kind }) => kind)).not.toContain('HorizontalPodAutoscaler');
    expect(objects.map(({ kind }) => kind)).not.toContain('PodDisruptionBudget');
    expect(objects.filter(({ kind }) => kind === 'Deployment').map(({ spec: made }) => made)).toEqual([
      expect.objectContaining({ replicas: 0 }),
      expect.objectContaining({ replicas: 0 }),
      expect.objectContaining({ replicas: 0 }),
    ]);
  });

  it('leave the number of pods to the autoscalers', () => {
    for (const { kind, spec } of desired(renderInput()))
      if (kind === 'Deployment') expect(spec).not.toHaveProperty('replicas');
  });

  it('leave the chat to an autoscaler of somebody else where replicas are named', () => {
    const objects = desired(renderInput({ spec: { replicas: 4 } }));

    expect(objects.find((one) => nameOf(one) === 'Deployment chat')?.['spec']).toMatchObject({ replicas: 4 });
    expect(objects.map(nameOf)).not.toContain('HorizontalPodAutoscaler chat');
    expect(objects.map(nameOf)).toContain('HorizontalPodAutoscaler router');
  });

  it.each([
    ['no ServiceMonitor', { serviceMonitor: false }, 'ServiceMonitor'],
    ['no HTTPRoute', { gatewayApi: false }, 'HTTPRoute'],
  ])('hold %s where its kind is unknown', (_case, missing, kind) => {
    const platform = { ingress: { type: 'gateway', gateway: { name: 'g', namespace: 'g' } } };
    const capabilities = { gatewayApi: true, serviceMonitor: true, customMetrics: true };
    const kinds = (facts: object) => desired(renderInput({ platform, facts })).map((one) => one.kind);

    expect(kinds({ capabilities })).toContain(kind);
    expect(kinds({ capabilities: { ...capabilities, ...missing } })).not.toContain(kind);
  });
});

describe('the objects of a pooled tenant', () => {
  it('are none', () => {
    expect(desired(renderInput({ spec: { isolation: 'pooled' } }))).toEqual([]);
  });
});

describe('rendering', () => {
  const inputs = fc.record({
    spec: fc.record({ suspended: fc.boolean(), ring: fc.constantFrom('canary', 'early', 'stable') }),
    platform: fc.record({ trustedProxies: fc.subarray(['10.0.0.0/8', 'fd00::/8']) }),
    hosts: fc.uniqueArray(
      fc.domain().map((host) => host.toLowerCase()),
      { minLength: 1, maxLength: 20 },
    ),
    issuer: fc.constantFrom('https://id.example', 'http://idp.auth.svc:8080'),
  });

  it('gives the same objects each time, and changes nothing of its input', () => {
    fc.assert(
      fc.property(inputs, (change) => {
        const input = renderInput(change);
        const before = JSON.stringify(input);

        const twice = [desired(input), desired(input)].map((objects) => JSON.stringify(objects));

        expect(twice[0]).toBe(twice[1]);
        expect(JSON.stringify(input)).toBe(before);
      }),
      { numRuns: 50 },
    );
  });
});
