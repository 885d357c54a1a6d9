import { describe, expect, it } from '@jest/globals';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { annotations } from './kinds.js';
import { labelNames } from './resources/names.js';
import { followerOf } from './rollout-followers.js';
import type { KubeObject } from './runtime/kube-object.js';

const at = (minutes: number) => new Date(Date.UTC(2026, 0, 1, 12, minutes));
const time = (minutes: number) => at(minutes).toISOString();
const platform = { spec: PlatformSpec.parse({ version: '2' }), reached: '1', images: [] };
const people = { displayName: 'Acme', owner: { email: 'owner@acme.example' }, isolation: 'dedicated' };

const condition = (type: string, status: string, minutes: number, observedGeneration = 3) => ({
  type,
  status,
  observedGeneration,
  lastTransitionTime: time(minutes),
  reason: 'Any',
  message: '',
});
const ready = [condition('Ready', 'True', 10), condition('Reconciling', 'False', 10)];
const working = [condition('Ready', 'False', 5), condition('Reconciling', 'True', 20)];

function tenant(change: { spec?: object; notes?: Record<string, string>; conditions?: object[]; metadata?: object }) {
  return {
    apiVersion: 'whisperengine.ai/v1alpha1',
    kind: 'WhisperTenant',
    metadata: { name: 'acme', generation: 3, annotations: change.notes ?? {}, ...change.metadata },
    spec: { ...people, ...change.spec },
    status: { platformVersion: '1', conditions: change.conditions ?? ready },
  };
}

function deployments(version: string, change: object = {}): readonly KubeObject[] {
  const status = { observedGeneration: 1, replicas: 1, updatedReplicas: 1, availableReplicas: 1, ...change };
  return ['chat', 'router', 'admin'].map((name) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, generation: 1, labels: { [labelNames.version]: version } },
    spec: { replicas: 1 },
    status,
  }));
}

function look(object: KubeObject, children = deployments('1'), leadsSince = at(0)) {
  return followerOf(object, { platform, childrenOf: () => children, now: at(30), leadsSince });
}

describe('a tenant in a rollout', () => {
  it.each([
    ['is pooled', { spec: { isolation: 'pooled' } }],
    ['is pinned', { spec: { platformVersion: '1' } }],
    ['is paused', { notes: { [annotations.paused]: 'true' } }],
    ['goes away', { metadata: { deletionTimestamp: time(1) } }],
    ['has a manifest that nothing can be made of', { spec: { displayName: 7 } }],
  ])('is not one that %s', (_does, change) => {
    expect(look(tenant(change))).toBeNull();
  });

  it('is in the ring of its manifest, at the version it ran', () => {
    expect(look(tenant({ spec: { ring: 'early' } }))).toEqual({
      name: 'acme',
      ring: 'early',
      version: '1',
      running: '1',
      isReady: true,
      since: at(10),
      assignedAt: null,
      isNoProof: false,
      isAsleep: false,
    });
  });

  it('knows when a rollout gave it its version, and that it was down then', () => {
    const notes = {
      [annotations.assignedVersion]: '2',
      [annotations.assignedAt]: time(20),
      [annotations.assignedWhileDown]: 'true',
    };

    expect(look(tenant({ notes }))).toMatchObject({ version: '2', running: '1', assignedAt: at(20), isNoProof: true });
  });

  it.each([
    ['its status is of an older manifest', [condition('Ready', 'True', 10, 2)], deployments('1')],
    ['a Deployment is missing', ready, deployments('1').slice(1)],
    ['its Deployments are of another version', ready, deployments('0')],
    ['its Deployments have old pods', ready, deployments('1', { replicas: 2 })],
    ['its Deployments were not looked at yet', ready, deployments('1', { observedGeneration: 0 })],
  ])('is not Ready where it says so and %s, and is judged from now on', (_case, conditions, children) => {
    expect(look(tenant({ conditions }), children)).toMatchObject({ isReady: false, since: at(30) });
  });

  it('is judged from the moment it was at work again, not from when it went to sleep', () => {
    expect(look(tenant({ conditions: working }))).toMatchObject({ isReady: false, since: at(20) });
  });

  it('is not late for a time in which no operator looked after it', () => {
    const notes = { [annotations.assignedVersion]: '2', [annotations.assignedAt]: time(1) };

    expect(look(tenant({ notes, conditions: working }), deployments('1'), at(29))).toMatchObject({
      since: at(29),
      assignedAt: at(29),
    });
  });

  it.each([{ suspended: true }, { hibernate: { enabled: true } }])('sleeps with %j', (spec) => {
    expect(look(tenant({ spec }))).toMatchObject({ isAsleep: true });
  });
});
