import { describe, expect, it } from '@jest/globals';
import { adminPages } from '#libs/contracts/page-paths.js';
import { pagesOf, systemAbility } from './abilities.js';
import { demand } from './rights.js';

describe('abilities', () => {
  it.each([
    ['owner', 'change', 'owner', true],
    ['owner', 'change', 'settings', true],
    ['admin', 'change', 'person', true],
    ['admin', 'change', 'owner', false],
    ['admin', 'read', 'owner', true],
    ['auditor', 'read', 'audit', true],
    ['auditor', 'change', 'key', false],
    ['billing', 'read', 'usage', true],
    ['billing', 'read', 'person', false],
    ['billing', 'change', 'settings', false],
    ['member', 'read', 'usage', false],
  ] as const)('%s may %s %s: %s', (role, action, subject, expected) => {
    expect(systemAbility(role).can(action, subject)).toBe(expected);
  });

  it('refuses with forbidden', () => {
    expect(() => demand(systemAbility('member'), 'read', 'audit')).toThrow(
      expect.objectContaining({ code: 'forbidden' }),
    );
  });

  it('gives an owner every admin page and a member none', () => {
    expect(pagesOf(systemAbility('owner'))).toEqual([...adminPages]);
    expect(pagesOf(systemAbility('billing'))).toEqual(['overview', 'usage', 'branding', 'settings']);
    expect(pagesOf(systemAbility('member'))).toEqual([]);
  });
});
