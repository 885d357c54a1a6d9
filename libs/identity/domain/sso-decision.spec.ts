import { describe, expect, it } from '@jest/globals';
import { userId } from '#libs/kernel/ids.js';
import type { SsoPolicy } from '#libs/tenancy/domain/sso-profile.js';
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
    hasAllGroups: true,
    providerSession: null,
    signOutHint: null,
    authenticatedAt: null,
    received: {},
  },
  policy: { justInTime: true, emailDomains: [] },
  isAwaited: false,
  linked: null,
  sameEmail: null,
  signedInAs: null,
  ownerEmail: 'owner@acme.example',
  hasOwner: true,
  mapped: { kind: 'keep' },
};
const withClaims = (change: Partial<SsoSituation['claims']>) => ({ claims: { ...stranger.claims, ...change } });
const asOwner = (isEmailVerified: boolean | null) => withClaims({ email: 'owner@acme.example', isEmailVerified });

function refusal(reason: string): object {
  return { kind: 'refuse', reason };
}

describe('whom an identity becomes', () => {
  it.each<[string, Partial<SsoSituation>, object]>([
    ['a new person', {}, { kind: 'create', email: ada.email, role: 'member' }],
    [
      'a new person with the mapped role',
      { mapped: { kind: 'role', role: 'admin', group: 'it' } },
      { kind: 'create', email: ada.email, role: 'admin' },
    ],
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
    [
      'nobody without an account, where none are made',
      { policy: { justInTime: false, emailDomains: [] } },
      refusal('no_account'),
    ],
    [
      'a new person of a named domain',
      { policy: { justInTime: true, emailDomains: ['acme.example'] } },
      { kind: 'create', email: ada.email, role: 'member' },
    ],
    [
      'nobody of another domain',
      { policy: { justInTime: true, emailDomains: ['acme.test'] } },
      refusal('email_domain_not_allowed'),
    ],
    [
      'nobody whose groups are refused',
      { mapped: { kind: 'refuse', reason: 'no_group_matches' } },
      refusal('no_group_matches'),
    ],
    [
      'not even the linked person then',
      { linked: ada, mapped: { kind: 'refuse', reason: 'no_group_matches' } },
      refusal('no_group_matches'),
    ],
    ['the account that the directory has made', { sameEmail: ada, isAwaited: true }, { kind: 'link', person: ada }],
    [
      'never an owner that the directory has made',
      { sameEmail: { ...ada, role: 'owner' }, isAwaited: true },
      refusal('email_belongs_to_local_person'),
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

  const policy = (unmatchedGroups: 'member' | 'refuse', groupRoles: SsoPolicy['groupRoles'] = rules) => ({
    groupRoles,
    unmatchedGroups,
  });
  const groups = (names: readonly string[], hasAllGroups = true) => ({ groups: names, hasAllGroups });
  const role = (name: string, group: string | null) => ({ kind: 'role', role: name, group });

  it.each([
    ['first rule that fits', ['finance', 'it'], role('admin', 'it')],
    ['second rule', ['finance'], role('billing', 'finance')],
    ['no rule fits', ['IT', 'sales'], role('member', null)],
  ])('%s', (_case, names, expected) => {
    expect(roleByGroups(policy('member'), groups(names))).toEqual(expected);
  });

  it('is left alone without any rule', () => {
    expect(roleByGroups(policy('member', []), groups(['it']))).toEqual({ kind: 'keep' });
  });

  it('is none for whom no rule names, where that is the rule', () => {
    expect(roleByGroups(policy('refuse'), groups(['sales']))).toEqual(refusal('no_group_matches'));
    expect(roleByGroups(policy('refuse'), groups(['it']))).toEqual(role('admin', 'it'));
    expect(roleByGroups(policy('refuse', []), groups(['it']))).toEqual(refusal('no_group_matches'));
  });

  it('stays what it was while groups are held back', () => {
    expect(roleByGroups(policy('member'), groups([], false))).toEqual({ kind: 'keep' });
    expect(roleByGroups(policy('member'), groups(['it'], false))).toEqual(role('admin', 'it'));
    expect(roleByGroups(policy('refuse'), groups([], false))).toEqual(refusal('groups_held_back'));
  });
});
