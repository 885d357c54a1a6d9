import { randomBytes } from 'node:crypto';
import { sessionLimitsOf } from '#libs/identity/domain/session-limits.js';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import { pause } from '#libs/kernel/abort.js';
import { RandomIds, sessionId, userId } from '#libs/kernel/ids.js';
import type { AllStores } from '#libs/persistence/stores/all-stores.js';
import { openSecurity, type Tenant } from '#libs/tenancy/domain/tenant.js';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';

const ids = new RandomIds();
const now = new Date();
const later = new Date(now.getTime() + 3_600_000);
const hash = randomBytes(32);
const browser = randomBytes(32);
const person = userId(ids.next());
const session = sessionId(ids.next());
const link = ids.next();
const role = ids.next();
const group = ids.next();
const passkey = hash.toString('base64url');
const slice = { startIndex: 1, count: 10 };
const everything = systemAbility('owner');
const page = { cursor: null, limit: 50 };

/** One row in every store of identity and governance. */
async function fill(stores: AllStores): Promise<void> {
  await stores.people.add({
    id: person,
    email: 'ada@acme.example',
    name: 'Ada',
    role: 'owner',
    state: 'active',
    passwordHash: 'hash',
    createdAt: now,
    lastSeenAt: null,
  });
  await stores.roles.add({
    id: role,
    name: 'Helpdesk',
    description: '',
    rules: [{ action: 'read', subject: 'person' }],
    version: 1,
    createdAt: now,
    changedAt: now,
    changedBy: 'test',
  });
  await stores.directoryGroups.add({
    id: group,
    name: 'Staff',
    externalId: null,
    role: 'auditor',
    createdAt: now,
    changedAt: now,
  });
  await stores.directoryGroups.addMembers(group, [person]);
  await stores.scimTokens.add(
    {
      id: 'abcdefghij',
      name: 't',
      createdBy: 'test',
      createdAt: now,
      expiresAt: later,
      lastUsedAt: null,
      revokedAt: null,
    },
    hash,
  );
  await stores.people.addSubject('oidc:x', 'subject', person, now);
  await stores.links.add(
    {
      id: link,
      purpose: 'invite',
      email: 'new@acme.example',
      role: 'member',
      personId: null,
      sessionId: null,
      createdBy: 'test',
      createdAt: now,
      expiresAt: later,
      usedAt: null,
      revokedAt: null,
    },
    hash,
  );
  await stores.signInSessions.add(
    {
      id: session,
      personId: person,
      face: 'chat',
      method: 'link',
      proofs: ['link'],
      device: 'd',
      address: 'a',
      createdAt: now,
      authenticatedAt: now,
      lastSeenAt: now,
      expiresAt: later,
      revokedAt: null,
      sso: null,
    },
    hash,
  );
  await stores.signInTickets.add(
    {
      personId: person,
      purpose: 'second-factor',
      method: 'password',
      proofs: ['password'],
      passwordMark: hash,
      createdAt: now,
      expiresAt: later,
    },
    hash,
  );
  await stores.totpFactors.set(person, { sealedSecret: 's', createdAt: now }, 7);
  await stores.recoveryCodes.replace(person, [hash], now);
  await stores.keys.add(
    {
      id: 'abcdefghij',
      name: 'k',
      scopes: ['chat'],
      limits: { rpm: 3, tpm: null, concurrent: null },
      personId: person,
      createdBy: 'test',
      createdAt: now,
      expiresAt: null,
      lastUsedAt: null,
      revokedAt: null,
    },
    hash,
  );
  await stores.ssoRequests.add(
    {
      checks: { nonce: 'n' },
      returnTo: '/',
      testId: null,
      sessionId: null,
      isFresh: false,
      createdAt: now,
      expiresAt: later,
    },
    hash,
    browser,
  );
  await stores.passkeys.add({
    id: passkey,
    personId: person,
    host: 'acme.localhost',
    name: 'Laptop',
    publicKey: hash,
    counter: 1,
    transports: ['internal'],
    isSynced: false,
    createdAt: now,
    lastUsedAt: null,
  });
  await stores.samlKeys.add({ position: 1, certificate: 'c', sealedPrivateKey: 's', createdAt: now });
  await stores.attempts.add('account:ada', now);
  await stores.audit.append({
    id: ids.next(),
    at: now,
    actor: { kind: 'system', id: null, name: 'test' },
    action: 'test.run',
    target: null,
    outcome: 'success',
    reason: null,
    address: null,
    requestId: null,
  });
}

describe('what one tenant asks of another one', () => {
  let database: TestDatabase;
  let acme: Tenant;
  let globex: Tenant;

  beforeAll(async () => {
    database = await openTestDatabase();
    [acme, globex] = await Promise.all([database.provision('acme'), database.provision('globex')]);
    await database.sessions.run(acme.id, fill);
  });
  afterAll(() => database.close());

  const nothing: [string, (stores: AllStores) => Promise<unknown>, unknown][] = [
    ['a person by id', ({ people }) => people.byId(person), null],
    ['a person to change', ({ people }) => people.lock(person), null],
    ['a person by e-mail', ({ people }) => people.byEmail('ada@acme.example'), null],
    ['a person by identity', ({ people }) => people.bySubject('oidc:x', 'subject'), null],
    ['a listed person', ({ people }) => people.listed(person), null],
    [
      'people',
      ({ people }) => people.page({ ...page, search: null, searchesEmail: true, group: null }, everything),
      { items: [], nextCursor: null },
    ],
    ['a role', ({ roles }) => roles.byId(role), null],
    ['a role to change', ({ roles }) => roles.lock(role), null],
    ['roles', ({ roles }) => roles.all(), []],
    ['what has a role', ({ roles }) => roles.uses(role, now), { people: 0, invitations: 0, groups: 0 }],
    ['a person for the directory', ({ directoryUsers }) => directoryUsers.lock(person), null],
    ['people for the directory', ({ directoryUsers }) => directoryUsers.find(null, slice), { total: 0, items: [] }],
    ['an awaited person', ({ directoryUsers }) => directoryUsers.isAwaited(person), false],
    ['a removed person', ({ directoryUsers }) => directoryUsers.removed('ada', 'ada@acme.example'), null],
    ['how many people', ({ directoryUsers }) => directoryUsers.count(), 0],
    ['a group', ({ directoryGroups }) => directoryGroups.listed(group), null],
    ['a group to change', ({ directoryGroups }) => directoryGroups.lock(group), null],
    [
      'groups',
      ({ directoryGroups }) => directoryGroups.page({ ...page, search: null }),
      { items: [], nextCursor: null },
    ],
    ['groups for the directory', ({ directoryGroups }) => directoryGroups.find(null, slice), { total: 0, items: [] }],
    ['members', ({ directoryGroups }) => directoryGroups.members(group), []],
    ['roles by group', ({ directoryGroups }) => directoryGroups.rolesOf(person), []],
    ['roles of groups', ({ directoryGroups }) => directoryGroups.roles(), []],
    ['a token', ({ scimTokens }) => scimTokens.find('abcdefghij'), null],
    ['tokens', ({ scimTokens }) => scimTokens.all(), []],
    ['to revoke a token', ({ scimTokens }) => scimTokens.revoke('abcdefghij', now), null],
    ['owners', ({ people }) => people.otherOwners(null), 0],
    ['a link', ({ links }) => links.inspect(hash, now), null],
    ['the use of a link', ({ links }) => links.consume(hash, ['invite'], now), null],
    ['invitations', ({ links }) => links.invitations(page), { items: [], nextCursor: null }],
    ['to revoke an invitation', ({ links }) => links.revokeInvitation(link, now), null],
    ['a session', ({ signInSessions }) => signInSessions.byToken('chat', hash), null],
    ['sessions', ({ signInSessions }) => signInSessions.ofPerson(person), []],
    ['to end a session', ({ signInSessions }) => signInSessions.revoke(person, session, now), false],
    ['to end all sessions', ({ signInSessions }) => signInSessions.revokeAll(person, null, now), []],
    [
      'to give a session another token',
      ({ signInSessions }) =>
        signInSessions.renew(session, { authenticatedAt: now, seenAt: now, proofs: [], sso: null }, browser),
      false,
    ],
    ['connections of a person', ({ people }) => people.connections(person), []],
    [
      'to expire sessions',
      ({ signInSessions }) =>
        signInSessions.expire(sessionLimitsOf(openSecurity.sessions), new Date(now.getTime() + 1e12)),
      [],
    ],
    ['passkeys', ({ passkeys }) => passkeys.ofPerson(person), []],
    ['a passkey', ({ passkeys }) => passkeys.lock(passkey), null],
    ['to rename a passkey', ({ passkeys }) => passkeys.rename(person, passkey, 'Taken over'), false],
    ['to remove a passkey', ({ passkeys }) => passkeys.remove(person, passkey), false],
    ['to remove all passkeys', ({ passkeys }) => passkeys.removeAll(person), 0],
    ['a sign-in that waits', ({ signInTickets }) => signInTickets.find(hash, now), null],
    ['to go on with a sign-in', ({ signInTickets }) => signInTickets.take(hash, now), null],
    ['an authenticator app', ({ totpFactors }) => totpFactors.of(person), null],
    ['the use of a code', ({ totpFactors }) => totpFactors.useStep(person, 8), false],
    ['to remove an authenticator app', ({ totpFactors }) => totpFactors.remove(person), false],
    ['recovery codes', ({ recoveryCodes }) => recoveryCodes.of(person), null],
    ['the use of a recovery code', ({ recoveryCodes }) => recoveryCodes.use(person, hash, now), false],
    ['a key', ({ keys }) => keys.find('abcdefghij'), null],
    ['keys', ({ keys }) => keys.page(page, everything), { items: [], nextCursor: null }],
    ['to revoke a key', ({ keys }) => keys.revoke('abcdefghij', now), null],
    ['to revoke keys', ({ keys }) => keys.revokeOf(person, now), []],
    ['a sign-in under way', ({ ssoRequests }) => ssoRequests.take(hash, browser, now), null],
    ['keys towards a SAML provider', ({ samlKeys }) => samlKeys.all(), []],
    ['a counter', ({ attempts }) => attempts.add('account:ada', now), 1],
    [
      'audit',
      ({ audit }) => audit.page({ ...page, action: null, outcome: null }, everything),
      { items: [], nextCursor: null },
    ],
  ];

  it.each(nothing)('finds nothing: %s', async (_what, ask, empty) => {
    expect(await database.sessions.run(globex.id, ask)).toEqual(empty);
  });

  it('is there for its own tenant, and was not touched', async () => {
    const found = await database.sessions.run(acme.id, async (stores) => ({
      person: await stores.people.byId(person),
      session: await stores.signInSessions.byToken('chat', hash),
      link: await stores.links.inspect(hash, now),
      ticket: await stores.signInTickets.take(hash, now),
      totp: await stores.totpFactors.of(person),
      step: await stores.totpFactors.useStep(person, 8),
      codes: await stores.recoveryCodes.of(person),
      key: await stores.keys.find('abcdefghij'),
      role: await stores.roles.byId(role),
      passkey: await stores.passkeys.lock(passkey),
      group: await stores.directoryGroups.listed(group),
      token: await stores.scimTokens.find('abcdefghij'),
      counter: await stores.attempts.add('account:ada', now),
      sso: await stores.ssoRequests.take(hash, browser, now),
    }));

    expect(found).toMatchObject({
      person: { name: 'Ada' },
      session: { session: { id: session }, person: { id: person } },
      link: { id: link },
      group: { name: 'Staff', members: 1 },
      token: { token: { name: 't', revokedAt: null } },
      role: { name: 'Helpdesk', rules: [{ action: ['read'], subject: ['person'] }] },
      passkey: { name: 'Laptop', counter: 1 },
      ticket: { personId: person, proofs: ['password'] },
      totp: { sealedSecret: 's' },
      step: true,
      codes: { left: 1 },
      key: { key: { id: 'abcdefghij' }, personState: 'active' },
      counter: 2,
      sso: { checks: { nonce: 'n' } },
    });
  });
});

describe('owners who take each other down at the same time', () => {
  it('are counted one after the other, so that one stays', async () => {
    const database = await openTestDatabase();
    const tenant = await database.provision('duo');
    const made = ['one', 'two'].map((name) => ({
      id: userId(ids.next()),
      email: `${name}@duo.example`,
      name,
      role: 'owner' as const,
      state: 'active' as const,
      passwordHash: null,
      createdAt: now,
      lastSeenAt: null,
    }));
    const [one, two] = [made[0]!, made[1]!];
    await database.sessions.run(tenant.id, async ({ people }) => {
      await people.add(one);
      await people.add(two);
    });
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let hasCounted: () => void = () => undefined;
    const counted = new Promise<void>((resolve) => (hasCounted = resolve));

    const first = database.sessions.run(tenant.id, async ({ people }) => {
      const others = await people.otherOwners(one.id);
      await people.save({ ...one, role: 'member' });
      hasCounted();
      await held;
      return others;
    });
    await counted;
    const second = database.sessions.run(tenant.id, ({ people }) => people.otherOwners(two.id));
    await pause(100);
    commit();

    expect(await Promise.all([first, second])).toEqual([1, 0]);
    await database.close();
  });
});
