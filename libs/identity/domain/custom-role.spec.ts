import { describe, expect, it } from '@jest/globals';
import { customAbility } from './abilities.js';
import { type CustomRole, type Right, rightsFrom, rulesFrom } from './custom-role.js';

const roleOf = (version: number, rights: Right[]): CustomRole => ({
  id: 'r',
  name: 'Helpdesk',
  description: '',
  rules: rulesFrom(rights),
  version,
  createdAt: new Date(0),
  changedAt: new Date(0),
  changedBy: 'owner',
});

describe('a role of the organisation’s own', () => {
  it('comes back as it was written', () => {
    const rights: Right[] = [
      { subject: 'person', actions: ['read'], fields: ['email'], where: { role: { $ne: 'owner' } } },
      { subject: 'key', actions: ['read', 'change'], where: { personId: '$self' } },
    ];

    expect(rightsFrom(rulesFrom(rights))).toEqual(rights);
  });

  it.each<[string, Right, string]>([
    ['an action nobody can be given', { subject: 'usage', actions: ['change'] }, 'rights.0.actions'],
    ['making roles', { subject: 'role', actions: ['read', 'change'] }, 'rights.0.actions'],
    ['an unknown field', { subject: 'person', actions: ['read'], fields: ['passwordHash'] }, 'rights.0.fields'],
    ['fields of two actions', { subject: 'person', actions: ['read', 'change'], fields: ['role'] }, 'rights.0.fields'],
    ['an unknown fact', { subject: 'person', actions: ['read'], where: { passwordHash: 'x' } }, 'rights.0.where'],
    ['a fact where there are none', { subject: 'sso', actions: ['read'], where: { id: 'x' } }, 'rights.0.where'],
  ])('refuses %s and names it', (_case, right, field) => {
    expect(() => rulesFrom([right])).toThrow(expect.objectContaining({ code: 'bad_request', field }));
  });

  it('allows what its newest version says', () => {
    const before = customAbility(roleOf(1, [{ subject: 'usage', actions: ['read'] }]), 'ada');
    const after = customAbility(roleOf(2, []), 'ada');

    expect(before.can('read', 'usage')).toBe(true);
    expect(after.can('read', 'usage')).toBe(false);
  });

  it('is one thing to everybody, unless it names who has it', () => {
    const plain = roleOf(3, [{ subject: 'usage', actions: ['read'] }]);
    const own = roleOf(4, [{ subject: 'key', actions: ['read'], where: { personId: '$self' } }]);

    expect(customAbility(plain, 'ada')).toBe(customAbility(plain, 'ben'));
    expect(customAbility(own, 'ada')).not.toBe(customAbility(own, 'ben'));
  });
});
