import { describe, expect, it } from '@jest/globals';
import { reasonOf, toConditions } from './conditions.js';

const now = new Date('2026-06-01T12:00:00.250Z');
const ready = { type: 'Ready', status: 'True', reason: 'Ready', message: 'Served.' } as const;

describe('conditions', () => {
  it('begin with the time at which they came true', () => {
    expect(toConditions([ready], [], 3, now)).toEqual([
      { ...ready, observedGeneration: 3, lastTransitionTime: '2026-06-01T12:00:00Z' },
    ]);
  });

  it('keep their time for as long as only reason and message change', () => {
    const before = { ...ready, reason: 'Other', observedGeneration: 2, lastTransitionTime: '2026-05-01T00:00:00Z' };

    expect(toConditions([ready], [before], 3, now)[0]?.lastTransitionTime).toBe('2026-05-01T00:00:00Z');
  });

  it('take a new time when the status turns', () => {
    const before = { ...ready, status: 'False' as const, lastTransitionTime: '2026-05-01T00:00:00Z' };

    expect(toConditions([ready], [before], 3, now)[0]?.lastTransitionTime).toBe('2026-06-01T12:00:00Z');
  });

  it('are gone when nothing is found any more', () => {
    const before = { ...ready, type: 'Paused', lastTransitionTime: '2026-05-01T00:00:00Z' };

    expect(toConditions([ready], [before], 3, now).map(({ type }) => type)).toEqual(['Ready']);
  });
});

it.each([
  ['no_shard', 'NoShard'],
  ['conflict', 'Conflict'],
])('names the error %s as %s', (code, reason) => {
  expect(reasonOf(code)).toBe(reason);
});
