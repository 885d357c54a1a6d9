import { describe, expect, it } from '@jest/globals';
import { groupThreads } from './thread-groups.js';

const now = new Date(2026, 5, 15, 12);
const thread = (id: string, updatedAt: Date, pinned = false) => ({ id, pinned, updatedAt: updatedAt.toISOString() });

describe('groupThreads', () => {
  it('puts pinned first, then today, yesterday, the week and months, newest first in each', () => {
    const groups = groupThreads(
      [
        thread('month', new Date(2026, 3, 2)),
        thread('week', new Date(2026, 5, 10)),
        thread('early', new Date(2026, 5, 15, 1)),
        thread('late', new Date(2026, 5, 15, 11)),
        thread('yesterday', new Date(2026, 5, 14, 23)),
        thread('old pin', new Date(2020, 1, 1), true),
      ],
      now,
    );

    expect(groups.map(({ name, threads }) => [name, threads.map(({ id }) => id)])).toEqual([
      ['pinned', ['old pin']],
      ['today', ['late', 'early']],
      ['yesterday', ['yesterday']],
      ['week', ['week']],
      [{ month: '2026-04-01' }, ['month']],
    ]);
  });

  it('has no empty groups', () => {
    expect(groupThreads([], now)).toEqual([]);
  });
});
