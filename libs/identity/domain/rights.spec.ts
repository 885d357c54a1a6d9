import { describe, expect, it } from '@jest/globals';
import { systemAbility } from './abilities.js';
import {
  abilityFrom,
  covers,
  demandCovers,
  demandFields,
  demandFor,
  mayRead,
  mayReadAlways,
  type RoleRule,
} from './rights.js';

const me = 'me';
const of = (...rules: RoleRule[]) => abilityFrom(rules, me);
const members = of({ action: ['read', 'change'], subject: 'person', conditions: { role: 'member' } });
const facts = (role: string) => ({ id: 'x', role, state: 'active' });
const code = (code: string) => expect.objectContaining({ code });

describe('rights over one thing', () => {
  it('are those of the conditions', () => {
    const about = (role: string) => ({ subject: 'person', facts: facts(role) }) as const;
    expect(() => demandFor(members, 'change', about('member'))).not.toThrow();
    expect(() => demandFor(members, 'change', about('admin'))).toThrow(code('not_found'));
    expect(() => demandFor(systemAbility('auditor'), 'change', about('member'))).toThrow(code('forbidden'));
  });

  it('are about the person who has the role where a rule says $self', () => {
    const own = of({ action: ['read', 'change'], subject: 'key', conditions: { personId: '$self' } });
    expect(() => demandFor(own, 'change', { subject: 'key', facts: { personId: me } })).not.toThrow();
    expect(() => demandFor(own, 'change', { subject: 'key', facts: { personId: 'you' } })).toThrow(code('not_found'));
    expect(() => demandFor(own, 'change', { subject: 'key', facts: { personId: null } })).toThrow(code('not_found'));
  });

  it('end at the fields', () => {
    const states = of({ action: 'change', subject: 'person', fields: ['state'] });
    const about = (...fields: string[]) => ({ subject: 'person', facts: facts('member'), fields }) as const;
    expect(() => demandFor(states, 'change', about('state'))).not.toThrow();
    expect(() => demandFor(states, 'change', about('state', 'role'))).toThrow(
      expect.objectContaining({ code: 'forbidden', field: 'role' }),
    );
    const branding = of({ action: 'change', subject: 'settings', fields: ['branding'] });
    expect(() => demandFields(branding, 'settings', ['branding'])).not.toThrow();
    expect(() => demandFields(branding, 'settings', ['models'])).toThrow(code('forbidden'));
  });

  it('hold fields back from reading', () => {
    const noEmail = of({ action: 'read', subject: 'person', fields: ['groups'] });
    expect(mayRead(noEmail, 'person', facts('member'), 'groups')).toBe(true);
    expect(mayRead(noEmail, 'person', facts('member'), 'email')).toBe(false);
    expect(mayReadAlways(noEmail, 'person', 'email')).toBe(false);
    expect(mayReadAlways(systemAbility('admin'), 'person', 'email')).toBe(true);
  });
});

describe('giving rights', () => {
  const allPeople = of({ action: 'read', subject: 'person' });
  const somePeople = of({ action: 'read', subject: 'person', conditions: { role: 'member' } });
  const names = of({ action: 'read', subject: 'person', fields: ['groups'] });

  it.each([
    ['an owner gives everything', systemAbility('owner'), systemAbility('owner'), true],
    ['an admin makes no owner', systemAbility('admin'), systemAbility('owner'), false],
    ['an admin makes admins and auditors', systemAbility('admin'), systemAbility('auditor'), true],
    ['an auditor makes no admin', systemAbility('auditor'), systemAbility('admin'), false],
    ['anybody gives nothing', systemAbility('member'), systemAbility('member'), true],
    ['all covers some', allPeople, somePeople, true],
    ['some does not cover all', somePeople, allPeople, false],
    ['the same condition covers itself', somePeople, somePeople, true],
    ['all fields cover some', allPeople, names, true],
    ['some fields do not cover all', names, allPeople, false],
    ['reading is not changing', allPeople, members, false],
    [
      'what takes something away covers nothing',
      of(
        { action: 'read', subject: 'person' },
        { action: 'read', subject: 'person', inverted: true, conditions: { role: 'owner' } },
      ),
      allPeople,
      false,
    ],
  ])('%s', (_case, own, wanted, expected) => {
    expect(covers(own, wanted)).toBe(expected);
  });

  it('is refused with forbidden', () => {
    expect(() => demandCovers(systemAbility('admin'), systemAbility('owner'))).toThrow(code('forbidden'));
  });
});
