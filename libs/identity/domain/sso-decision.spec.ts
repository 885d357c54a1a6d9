import { describe, expect, it } from '@jest/globals';
import { userId } from '#libs/kernel/ids.js';
import { roleByGroups } from './group-roles.js';
import type { Person } from './person.js';
import { decideSso, type SsoSituation } from './sso-decision.js';

const ada: Person = {
  id: userId('01930000-0000-7000-8000-00000000000a'),
  email: 'ada@acme.example',
  name: 'Ada',
  role: 'member',
  state: 'active',
  passwordHash: null,
  createdAt: new Date(0),
  lastSeenAt: null,
};

const stranger: SsoSituation = {
  claims: {
    connection: 'oidc:https://idp.example',
    subject: 's1',
    email: ada.email,
    isEmailVerified: null,
    name: null,
    groups: [],
  },
  linked: null,
  sameEmail: null,
  signedInAs: null,
  ownerEmail: 'owner@acme.example',
  hasOwner: true,
  mappedRole: null,
};
const withClaims = (change: Partial<SsoSituation['claims']>) => ({ claims: { ...stranger.claims, ...change } });
const asOwner = (isEmailVerified: boolean | null) => withClaims({ email: 'owner@acme.example', isEmailVerified });

describe('whom an identity becomes', () => {
  it.each<[string, Partial<SsoSituation>, object]>([
    ['a new person', {}, { kind: 'create', email: ada.email, role: 'member' }],
    ['a new person with the mapped role', { mappedRole: 'admin' }, { kind: 'create', email: ada.email, role: 'admin' }],
    ['the linked person', { linked: ada }, { kind: 'sign-in', person: ada }],
    ['nobody, once disabled', { linked: { ...ada, state: 'disabled' } }, { kind: 'refuse', reason: 'person_disabled' }],
    ['nobody without an e-mail', withClaims({ email: null }), { kind: 'refuse', reason: 'email_missing' }],
    [
      'nobody with an unverified e-mail',
      withClaims({ isEmailVerified: false }),
      { kind: 'refuse', reason: 'email_unverified' },
    ],
    [
      'never a local person by e-mail alone',
      { sameEmail: ada, ...withClaims({ isEmailVerified: true }) },
      { kind: 'refuse', reason: 'email_belongs_to_local_person' },
    ],
    ['the person signed in in the same browser', { sameEmail: ada, signedInAs: ada.id }, { kind: 'link', person: ada }],
    [
      'nobody with the owner e-mail nobody vouches for',
      { ...asOwner(null), hasOwner: false },
      { kind: 'refuse', reason: 'owner_email_unverified' },
    ],
    [
      'the first owner',
      { ...asOwner(true), hasOwner: false },
      { kind: 'create', email: 'owner@acme.example', role: 'owner' },
    ],
    ['no second owner', asOwner(true), { kind: 'create', email: 'owner@acme.example', role: 'member' }],
  ])('is %s', (_case, change, expected) => {
    expect(decideSso({ ...stranger, ...change })).toEqual(expected);
  });
});

describe('the role by groups', () => {
  const rules = [
    { group: 'it', role: 'admin' },
    { group: 'finance', role: 'billing' },
  ] as const;

  it.each([
    ['first rule that fits', ['finance', 'it'], 'admin'],
    ['second rule', ['finance'], 'billing'],
    ['no rule fits', ['IT', 'sales'], 'member'],
  ])('%s', (_case, groups, role) => {
    expect(roleByGroups(rules, groups)).toBe(role);
  });

  it('is left alone without any rule', () => {
    expect(roleByGroups([], ['it'])).toBeNull();
  });
});
