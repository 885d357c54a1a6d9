import { describe, expect, it } from '@jest/globals';
import { oidcProfile, samlProfile } from '#test/support/sso-profiles.js';
import { dueBefore, recheckRuleOf, recheckState } from './recheck.js';

const now = new Date('2026-05-05T12:00:00Z');
const minute = 60_000;
const rule = { everyMs: 10 * minute };
const ago = (ms: number) => new Date(now.getTime() - ms);

describe('recheckState', () => {
  it.each([
    ['just now', 0, 'current'],
    ['a moment before it is due', 10 * minute - 1, 'current'],
    ['exactly one wait ago', 10 * minute, 'due'],
    ['a moment before the third wait is over', 30 * minute - 1, 'due'],
    ['three waits ago', 30 * minute, 'overdue'],
    ['a day ago', 24 * 60 * minute, 'overdue'],
    ['in the future, by another clock', -minute, 'current'],
  ] as const)('%s', (_case, since, state) => {
    expect(recheckState(ago(since), rule, now)).toBe(state);
  });

  it('calls due exactly what lies before the bound that the database is asked for', () => {
    const bound = dueBefore(rule, now);

    expect(recheckState(bound, rule, now)).toBe('due');
    expect(recheckState(new Date(bound.getTime() + 1), rule, now)).toBe('current');
  });
});

describe('recheckRuleOf', () => {
  const issuer = 'https://idp.example';

  it('is what the connection says', () => {
    expect(recheckRuleOf(oidcProfile({ issuer, recheckMinutes: 5 }))).toEqual({ everyMs: 5 * minute });
  });

  it.each([
    ['no connection', null],
    ['a connection that says nothing', oidcProfile({ issuer })],
    ['SAML, which knows no such question', samlProfile({ source: { kind: 'url', url: issuer } })],
  ])('is none for %s', (_case, profile) => {
    expect(recheckRuleOf(profile)).toBeNull();
  });
});
