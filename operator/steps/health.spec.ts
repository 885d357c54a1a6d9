import { describe, expect, it } from '@jest/globals';
import { KubeApiError } from '../runtime/kube-api-error.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { healthOf } from './health.js';

const deployment = (status: object, replicas = 2): KubeObject => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'chat', generation: 4 },
  spec: { replicas },
  status: { observedGeneration: 4, replicas, updatedReplicas: replicas, availableReplicas: replicas, ...status },
});
const workloads = (object: KubeObject) =>
  healthOf([object], [], true).find(({ type }) => type === 'WorkloadsAvailable');

describe('the health of workloads', () => {
  it.each([
    ['all new pods serve', {}, 'True', 'Available'],
    ['the controller has not looked yet', { observedGeneration: 3 }, 'Unknown', 'RollingOut'],
    ['not all pods are new', { updatedReplicas: 1 }, 'Unknown', 'RollingOut'],
    ['not all pods serve', { availableReplicas: 1 }, 'Unknown', 'RollingOut'],
    ['old pods are still there', { replicas: 3 }, 'Unknown', 'RollingOut'],
    [
      'it is stuck',
      {
        availableReplicas: 1,
        conditions: [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }],
      },
      'False',
      'ProgressDeadlineExceeded',
    ],
  ])('%s', (_case, status, expected, reason) => {
    expect(workloads(deployment(status))).toMatchObject({ status: expected, reason });
  });

  it.each([
    ['it adds pods', 4, { replicas: 4, updatedReplicas: 4, availableReplicas: 2 }, 'True'],
    ['it takes pods away', 2, { replicas: 4, updatedReplicas: 4, availableReplicas: 4 }, 'True'],
    ['fewer pods serve than it must have', 4, { replicas: 4, updatedReplicas: 4, availableReplicas: 1 }, 'Unknown'],
    ['some of the pods it added are old', 4, { replicas: 4, updatedReplicas: 3, availableReplicas: 4 }, 'Unknown'],
  ])('goes by the least pods of an autoscaler while %s', (_case, replicas, status, expected) => {
    const apiVersion = 'autoscaling/v2';
    const spec = { minReplicas: 2 };
    const scaler = { apiVersion, kind: 'HorizontalPodAutoscaler', metadata: { name: 'chat' }, spec };

    const findings = healthOf([deployment(status, replicas), scaler], [], true);

    expect(findings.find(({ type }) => type === 'WorkloadsAvailable')).toMatchObject({ status: expected });
  });

  it('is stuck with old pods that serve on', () => {
    const conditions = [{ type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded' }];

    expect(workloads(deployment({ replicas: 3, updatedReplicas: 1, conditions }))).toMatchObject({
      status: 'False',
      reason: 'ProgressDeadlineExceeded',
    });
  });

  it('is not asked for where the tenant sleeps', () => {
    expect(healthOf([deployment({}, 0)], [], false)).toEqual([]);
  });
});

it('says which object the API server refused, and why', () => {
  const object = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: 'default-deny' } };
  const error = new KubeApiError({ status: 403, reason: 'Forbidden', message: 'exceeded quota' });

  expect(healthOf([], [{ object, error }], true)).toContainEqual({
    type: 'NetworkReady',
    status: 'False',
    reason: 'Forbidden',
    message: 'NetworkPolicy default-deny: exceeded quota',
  });
});

it('tells of autoscalers that see nothing', () => {
  const scaler = {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'chat' },
    status: {
      conditions: [
        { type: 'ScalingActive', status: 'False', reason: 'FailedGetResourceMetric', message: 'no metrics' },
      ],
    },
  };

  expect(healthOf([scaler], [], true)).toContainEqual(
    expect.objectContaining({ type: 'AutoscalingActive', status: 'False', message: 'chat: no metrics.' }),
  );
});
