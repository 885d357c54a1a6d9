import { describe, expect, it } from '@jest/globals';
import { freshMs, isFresh, stepUpRequired } from './step-up.js';

const now = new Date('2026-03-01T12:00:00Z');
const ago = (ms: number) => ({ authenticatedAt: new Date(now.getTime() - ms) });

describe('a proof of who one is', () => {
  it.each([
    ['just given', 0, true],
    ['a moment before five minutes', freshMs - 1, true],
    ['five minutes old', freshMs, false],
    ['of yesterday', 86_400_000, false],
  ])('%s', (_case, ms, expected) => {
    expect(isFresh(ago(ms), now)).toBe(expected);
  });

  it('is asked for with the ways that somebody has, and with advice where there is none', () => {
    expect(stepUpRequired(['password'])).toMatchObject({ code: 'step_up_required', status: 403, ways: ['password'] });
    expect(stepUpRequired([]).action).toContain('new link');
  });
});
