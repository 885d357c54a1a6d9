import { describe, expect, it } from '@jest/globals';
import type { RingName } from '#libs/contracts/tenant-placement.js';
import { rolloutNews } from './rollout-news.js';
import type { Rollout, RolloutTenant } from './rollout-tenant.js';

const tenant = (ring: RingName): RolloutTenant => ({
  name: `in-${ring}`,
  ring,
  version: '2',
  running: '2',
  isReady: true,
  since: new Date(0),
  assignedAt: null,
  isNoProof: false,
  isAsleep: false,
});
const tenants = [tenant('canary'), tenant('stable')];
const rollout = (change: Partial<Rollout> = {}): Rollout => ({
  version: '2',
  previousVersion: '1',
  ring: 'canary',
  phase: 'Progressing',
  ...change,
});

describe('what people are told of a rollout', () => {
  it.each<[string, Rollout | undefined, Rollout | undefined, readonly string[]]>([
    ['nothing where there is none', undefined, undefined, []],
    ['nothing where nothing is new', rollout(), rollout(), []],
    ['that it began', undefined, rollout(), ['RolloutStarted']],
    ['that a newer one began', rollout({ version: '1.9' }), rollout(), ['RolloutStarted']],
    ['which ring is done', rollout({ phase: 'Soaking' }), rollout({ ring: 'early' }), ['RolloutRingDone canary']],
    ['no ring without a tenant', rollout({ ring: 'early', phase: 'Soaking' }), rollout({ ring: 'stable' }), []],
    [
      'that it stopped, and because of whom',
      rollout(),
      rollout({ phase: 'Failed', failed: ['acme'], message: 'Not Ready: acme.' }),
      ['RolloutTenantFailed', 'RolloutFailed'],
    ],
    ['that the ring is back', rollout({ phase: 'Failed' }), rollout({ phase: 'RolledBack' }), ['RolloutRolledBack']],
    ['that it was paused', rollout(), rollout({ phase: 'Paused', message: 'Paused.' }), ['RolloutPaused']],
    ['that it goes on', rollout({ phase: 'Paused' }), rollout(), ['RolloutResumed']],
    [
      'that everybody has it',
      rollout({ ring: 'stable', phase: 'Soaking' }),
      rollout({ ring: 'stable', phase: 'Complete' }),
      ['RolloutRingDone stable', 'RolloutFinished'],
    ],
    ['nothing more when it is over', rollout({ phase: 'Complete' }), rollout({ phase: 'Complete' }), []],
  ])('%s', (_what, before, after, expected) => {
    const told = rolloutNews(before, after, tenants);

    expect(
      told.map(({ reason, note }) => (reason === 'RolloutRingDone' ? `${reason} ${note.split(' ')[2]}` : reason)),
    ).toEqual(expected);
  });
});
