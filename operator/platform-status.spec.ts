import { describe, expect, it } from '@jest/globals';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { invalidPlatform, platformStatus } from './platform-status.js';
import type { Rollout } from './rollout-tenant.js';

const now = new Date('2026-06-01T12:00:00Z');
const object = {
  apiVersion: 'whisperengine.ai/v1alpha1',
  kind: 'WhisperPlatform',
  metadata: { name: 'whisper', generation: 4 },
};
const ready = { status: 'True', reason: 'Ready', message: 'Fine.' } as const;

function status(rollout?: Partial<Rollout>) {
  return platformStatus(
    object,
    {
      ready,
      platform: PlatformSpec.parse({ version: '2', image: { tag: 'two' } }),
      decision: {
        reached: '1',
        rollout: rollout && { version: '2', previousVersion: '1', ring: 'early', phase: 'Progressing', ...rollout },
        assignments: [],
        lookAgainMs: null,
      },
      tenants: { total: 3, ready: 2, updated: 1 },
      versions: new Set(['1', '0.9']),
    },
    {
      images: [
        { version: '0.8', image: 'w@8' },
        { version: '0.9', image: 'w@9' },
        { version: '1', image: 'w@1' },
      ],
    },
    now,
  );
}

const words = (rollout?: Partial<Rollout>) =>
  status(rollout)
    .conditions?.map(({ type, status: is, reason }) => `${type}=${is} ${reason}`)
    .join(', ');

describe('the status of the platform', () => {
  it.each<[string, Partial<Rollout> | undefined, string]>([
    ['nothing is on its way', undefined, 'Progressing=False Complete, Stalled=False NotStalled'],
    ['everybody has it', { phase: 'Complete' }, 'Progressing=False Complete, Stalled=False NotStalled'],
    ['it goes to a ring', {}, 'Progressing=True RollingOut, Stalled=False NotStalled'],
    ['a ring proves it', { phase: 'Soaking' }, 'Progressing=True Soaking, Stalled=False NotStalled'],
    ['it is paused', { phase: 'Paused' }, 'Progressing=False RolloutPaused, Stalled=False NotStalled'],
    ['it failed', { phase: 'Failed' }, 'Progressing=False RolloutFailed, Stalled=True RolloutFailed'],
    ['the ring is back', { phase: 'RolledBack' }, 'Progressing=False RolledBack, Stalled=True RolledBack'],
  ])('in words of kstatus when %s: waiting for it ends at once', (_case, rollout, expected) => {
    expect(words(rollout)).toBe(`Ready=True Ready, ${expected}`);
  });

  it('says what failed, what became of it, and what to do', () => {
    const failed = status({ phase: 'RolledBack', message: 'Not Ready: acme.' });

    expect(failed.conditions?.find(({ type }) => type === 'Stalled')?.message).toBe(
      'Not Ready: acme. The ring early has version 1 again. Correct the fault in a newer version and set spec.version to that one, or set it to 1 to stay there.',
    );
  });

  it('keeps the images of versions in use, and gives up the others', () => {
    expect(status().images).toEqual([
      { version: '0.9', image: 'w@9' },
      { version: '1', image: 'w@1' },
      { version: '2', image: 'whisperengine/whisper:two' },
    ]);
  });

  it('forgets nothing of its tenants where its manifest becomes invalid', () => {
    const before = status({ phase: 'Soaking' });
    const after = invalidPlatform(object, 'spec.version is missing.', before, now);

    expect(after).toMatchObject({ version: '1', rollout: before.rollout, images: before.images });
    expect(after.conditions?.map(({ type, status: is }) => `${type}=${is}`)).toEqual(['Ready=False', 'Stalled=True']);
  });
});
