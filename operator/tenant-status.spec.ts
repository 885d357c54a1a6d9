import { describe, expect, it } from '@jest/globals';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { TenantSpec } from '#libs/contracts/tenant-spec.js';
import type { Finding } from './conditions.js';
import { type Outcome, tenantStatus } from './tenant-status.js';
import type { TenantWork } from './tenant-work.js';

const now = new Date('2026-06-01T12:00:00Z');
const fine: Finding = { type: 'DatabaseReady', status: 'True', reason: 'Migrated', message: 'Up to date.' };
const rolling: Finding = {
  type: 'WorkloadsAvailable',
  status: 'Unknown',
  reason: 'RollingOut',
  message: 'chat: 0 of 1.',
};
const missing: Finding = {
  type: 'SecretsReady',
  status: 'False',
  reason: 'SecretMissing',
  message: 'There is no Secret.',
};
const blind: Finding = { type: 'AutoscalingActive', status: 'False', reason: 'NoMetrics', message: 'No metrics.' };

function work(spec: object = {}, status: TenantWork['status'] = {}): TenantWork {
  const object = {
    apiVersion: 'whisperengine.ai/v1alpha1',
    kind: 'WhisperTenant',
    metadata: { name: 'acme', generation: 7 },
  };
  return {
    object,
    name: 'acme',
    uid: 'u',
    generation: 7,
    spec: TenantSpec.parse({ displayName: 'Acme', owner: { email: 'a@b.example' }, ...spec }),
    status,
    platform: PlatformSpec.parse({ version: '2.0.0' }),
    version: '2.0.0',
    image: 'whisper:2.0.0',
    signal: new AbortController().signal,
  };
}
const outcome = (findings: readonly Finding[], more: Partial<Outcome> = {}): Outcome => ({
  findings,
  compiled: null,
  live: [],
  desired: 0,
  drift: [],
  isStalled: false,
  ...more,
});
const conditionOf = (status: ReturnType<typeof tenantStatus>, type: string) =>
  status.conditions?.find((condition) => condition.type === type);

describe('the status of a tenant', () => {
  it.each([
    ['ready when every finding is', [fine], {}, ['True', 'Ready', 'Ready', 'False', 'False']],
    ['at work while pods roll', [fine, rolling], {}, ['False', 'RollingOut', 'Provisioning', 'True', 'False']],
    [
      'named after what fails, before what is on its way',
      [rolling, missing],
      {},
      ['False', 'SecretMissing', 'Provisioning', 'True', 'False'],
    ],
    ['ready where only the autoscaler sees nothing', [fine, blind], {}, ['True', 'Ready', 'Ready', 'False', 'False']],
    [
      'at rest when it is suspended',
      [fine, missing],
      { suspended: true },
      ['False', 'Suspended', 'Suspended', 'False', 'False'],
    ],
    [
      'at rest when it hibernates',
      [fine],
      { hibernate: { enabled: true } },
      ['False', 'Hibernated', 'Hibernated', 'False', 'False'],
    ],
  ])('is %s', (_case, findings, spec, expected) => {
    const status = tenantStatus(work(spec), outcome(findings), now);

    const ready = conditionOf(status, 'Ready');
    const [reconciling, stalled] = [conditionOf(status, 'Reconciling'), conditionOf(status, 'Stalled')];
    expect([ready?.status, ready?.reason, status.phase, reconciling?.status, stalled?.status]).toEqual(expected);
    expect(status.observedGeneration).toBe(7);
  });

  it('is stalled where only another manifest helps', () => {
    const status = tenantStatus(work(), outcome([missing], { isStalled: true }), now);

    expect(conditionOf(status, 'Stalled')).toMatchObject({ status: 'True', reason: 'SecretMissing' });
    expect(conditionOf(status, 'Reconciling')?.status).toBe('False');
    expect(status.phase).toBe('Failed');
  });

  it('is degraded, not provisioning, where it was ready before', () => {
    expect(tenantStatus(work({}, { phase: 'Ready' }), outcome([missing]), now).phase).toBe('Degraded');
  });

  it('names the new version only when all of it serves', () => {
    const before = { platformVersion: '1.0.0' };

    expect(tenantStatus(work({}, before), outcome([rolling]), now)).toMatchObject({ platformVersion: '1.0.0' });
    expect(tenantStatus(work({}, before), outcome([fine]), now)).toMatchObject({
      platformVersion: '2.0.0',
      previousVersion: '1.0.0',
    });
  });

  it('adds up what others changed', () => {
    const drift = { object: 'Service chat', kind: 'Service', path: 'spec.selector', manager: 'kubectl-edit' };
    const before = { drift: { count: 4 } };

    expect(tenantStatus(work({}, before), outcome([fine], { drift: [drift, drift] }), now).drift).toEqual({
      count: 6,
      object: 'Service chat spec.selector',
      manager: 'kubectl-edit',
      time: '2026-06-01T12:00:00Z',
    });
  });

  it('is the same for the same round', () => {
    const first = tenantStatus(work(), outcome([fine]), now);
    const later = new Date(now.getTime() + 60_000);

    expect(tenantStatus(work({}, first), outcome([fine]), later)).toEqual(first);
  });
});
