import { describe, expect, it } from '@jest/globals';
import type { ApiKey } from './api-key.js';
import { changedKey, describeKeyChange, type KeyChange } from './key-change.js';

const end = new Date('2027-01-01T00:00:00.000Z');
const key: ApiKey = {
  id: 'aaaaaaaaaa',
  name: 'Nightly report',
  scopes: ['chat'],
  limits: { rpm: 60, tpm: null, concurrent: 2 },
  personId: null,
  createdBy: 'owner@acme.example',
  createdAt: new Date(0),
  expiresAt: end,
  lastUsedAt: null,
  revokedAt: null,
};

describe('a change of an API key', () => {
  it.each<[string, KeyChange, Partial<ApiKey>, string | null]>([
    ['nothing', {}, {}, null],
    ['what it was already', { name: key.name, limits: { rpm: 60 }, expiresAt: end }, {}, null],
    ['its name', { name: 'Daily' }, { name: 'Daily' }, 'name "Nightly report" to "Daily"'],
    [
      'one limit, and leaves the others',
      { limits: { rpm: 30 } },
      { limits: { rpm: 30, tpm: null, concurrent: 2 } },
      'rpm 60 to 30',
    ],
    [
      'one limit that it takes away, and one that is new',
      { limits: { concurrent: null, tpm: 500 } },
      { limits: { rpm: 60, tpm: 500, concurrent: null } },
      'tpm none to 500, concurrent 2 to none',
    ],
    [
      'each of its limits: then it has none',
      { limits: { rpm: null, concurrent: null } },
      { limits: null },
      'rpm 60 to none, concurrent 2 to none',
    ],
    ['all limits at once', { limits: null }, { limits: null }, 'rpm 60 to none, concurrent 2 to none'],
    [
      'its end, which it takes away',
      { expiresAt: null },
      { expiresAt: null },
      'expiresAt 2027-01-01T00:00:00.000Z to none',
    ],
  ])('is about %s', (_case, change, expected, words) => {
    const after = changedKey(key, change);

    expect(after).toEqual({ ...key, ...expected });
    expect(describeKeyChange(key, after)).toBe(words);
  });

  it('gives limits to a key that had none', () => {
    const free = { ...key, limits: null };

    expect(changedKey(free, { limits: { rpm: null } }).limits).toBeNull();
    expect(changedKey(free, { limits: { rpm: 5 } }).limits).toEqual({ rpm: 5, tpm: null, concurrent: null });
  });
});
