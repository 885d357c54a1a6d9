import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { composeIdentity } from '#libs/platform/compose-identity.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import { RandomIds } from '#libs/kernel/ids.js';
import { scimSchemas } from '#libs/contracts/scim-views.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces } from '#test/support/faces.js';
import { joinAs } from '#test/support/staff.js';

type Row = Record<string, unknown>;
const ids = new RandomIds();
const itemsOf = ({ json }: Answer) => json['items'] as Row[];
const resourcesOf = ({ json }: Answer) => json['Resources'] as Row[];
const patchOf = (...operations: object[]) => ({ schemas: [scimSchemas.patch], Operations: operations });

describe('the directory of an organisation', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let globex: Tenant;
  let owner: Browser;
  let token: string;

  beforeAll(async () => {
    faces = await startFaces();
    [acme, globex] = [await faces.database.provision('acme'), await faces.database.provision('globex')];
    owner = (await faces.enter(acme)).admin;
    token = await newToken();
  });
  afterAll(() => faces.close());

  const newToken = async () => String((await owner.call('POST', '/api/scim/tokens', { name: 'Okta' })).json['secret']);
  const call = (method: string, path: string, body?: unknown, given: string | null = token, tenant = acme) =>
    faces.chat(tenant).send(method, `/scim/v2${path}`, {
      ...(body === undefined ? {} : { body }),
      headers: {
        'content-type': 'application/scim+json',
        ...(given === null ? {} : { authorization: `Bearer ${given}` }),
      },
    });
  const mailOf = (name: string) => `${name}-${ids.next()}@acme.example`;

  /** The body Okta sends to make a person. */
  const oktaUser = (userName: string) => ({
    schemas: [scimSchemas.user],
    userName,
    name: { givenName: 'Ada', familyName: 'King' },
    emails: [{ primary: true, value: userName, type: 'work' }],
    displayName: 'Ada King',
    locale: 'en-US',
    externalId: '00ujl29u0le5T6Aj10h7',
    groups: [],
    password: '1mz050nq',
    active: true,
  });
  /** The body Entra sends to make a person. */
  const entraUser = (userName: string, externalId: string = ids.next()) => ({
    schemas: [scimSchemas.user, scimSchemas.enterprise],
    externalId,
    userName,
    active: true,
    displayName: 'Bob Builder',
    emails: [{ primary: true, type: 'work', value: userName }],
    meta: { resourceType: 'User' },
    name: { formatted: 'Bob Builder', familyName: 'Builder', givenName: 'Bob' },
    title: 'Builder',
    [scimSchemas.enterprise]: { department: 'Sites', employeeNumber: '7' },
  });
  const made = async (body: object) => {
    const answer = await call('POST', '/Users', body);
    expect(answer.status).toBe(201);
    return String(answer.json['id']);
  };
  const person = async (email: string) =>
    itemsOf(await owner.get(`/api/people?search=${encodeURIComponent(email)}`))[0];

  describe('its token', () => {
    it.each<[string, () => string | null]>([
      ['none', () => null],
      ['an unknown one', () => token.replace(/.$/, (last) => (last === 'a' ? 'b' : 'a'))],
      ['one of another form', () => 'secret'],
    ])('lets nobody in: %s', async (_case, given) => {
      const answer = await call('GET', '/Users', undefined, given());

      expect(answer.status).toBe(401);
      expect(answer.headers['content-type']).toContain('application/scim+json');
      expect(answer.json).toMatchObject({ schemas: [scimSchemas.error], status: '401' });
    });

    it('is worth nothing at another organisation, after it was revoked, and after it has expired', async () => {
      expect((await call('GET', '/Users', undefined, token, globex)).status).toBe(401);
      const mine = await newToken();
      expect((await call('GET', '/Users', undefined, mine)).status).toBe(200);
      const [, , id] = mine.split('_');
      expect((await owner.call('DELETE', `/api/scim/tokens/${id ?? ''}`)).status).toBe(204);
      expect((await call('GET', '/Users', undefined, mine)).status).toBe(401);

      faces.clock.shiftMs = 366 * 86_400_000;
      const late = await call('GET', '/Users');
      faces.clock.shiftMs = 0;

      expect(late.status).toBe(401);
    });

    it('is shown once, and tells when it was used last', async () => {
      await call('GET', '/Users');
      const { json, text } = await owner.get('/api/scim');

      expect(text).not.toContain(token);
      expect(json['baseUrl']).toBe(`${faces.chat(acme).origin}/scim/v2`);
      expect(
        (json['tokens'] as Row[]).some(
          ({ prefix, lastUsedAt }) => token.startsWith(String(prefix)) && lastUsedAt !== null,
        ),
      ).toBe(true);
    });

    it('leaves refusals in the audit log, but no flood of them', async () => {
      const before = itemsOf(await owner.get('/api/audit?action=scim.request&limit=200')).length;
      for (let index = 0; index < 8; index++) await call('GET', '/Users', undefined, null);
      const events = itemsOf(await owner.get('/api/audit?action=scim.request&limit=200'));
      expect(events.length).toBeGreaterThan(0);
      expect(events.length - before).toBeLessThanOrEqual(5);
      expect(events[0]).toMatchObject({ outcome: 'refused' });
    });

    it('is no session: cookies open nothing here', async () => {
      const answer = await owner.send('GET', '/scim/v2/Users', { headers: {} });
      expect(answer.status).not.toBe(200);
    });
  });

  it('finds what of SCIM is there', async () => {
    expect((await call('GET', '/ServiceProviderConfig')).json).toMatchObject({
      patch: { supported: true },
      bulk: { supported: false },
    });
    expect(resourcesOf(await call('GET', '/Schemas')).map(({ id }) => id)).toEqual([
      scimSchemas.user,
      scimSchemas.group,
      scimSchemas.enterprise,
    ]);
    expect((await call('GET', `/Schemas/${scimSchemas.user}`)).json).toMatchObject({ name: 'User' });
    expect(resourcesOf(await call('GET', '/ResourceTypes')).map(({ endpoint }) => endpoint)).toEqual([
      '/Users',
      '/Groups',
    ]);
    expect((await call('GET', '/ResourceTypes/User')).json).toMatchObject({ schema: scimSchemas.user });
    expect((await call('GET', '/Nowhere')).status).toBe(404);
  });

  describe('people', () => {
    it('are made as Okta makes them, without the password it sends', async () => {
      const email = mailOf('ada');
      expect(
        (await call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${email}"`)}&startIndex=1&count=100`))
          .json,
      ).toMatchObject({ totalResults: 0, Resources: [] });

      const answer = await call('POST', '/Users', oktaUser(email));

      expect(answer.status).toBe(201);
      expect(answer.json).toMatchObject({
        schemas: [scimSchemas.user],
        userName: email,
        active: true,
        name: { givenName: 'Ada', familyName: 'King' },
        meta: {
          resourceType: 'User',
          location: `${faces.chat(acme).origin}/scim/v2/Users/${String(answer.json['id'])}`,
        },
      });
      expect(answer.text).not.toContain('1mz050nq');
      expect(await person(email)).toMatchObject({ name: 'Ada King', role: 'member', state: 'active', signIn: [] });
    });

    it('are made as Entra makes them, and give back what was told', async () => {
      const email = mailOf('bob');
      const id = await made(entraUser(email));

      expect((await call('GET', `/Users/${id}`)).json).toMatchObject({
        title: 'Builder',
        [scimSchemas.enterprise]: { department: 'Sites', employeeNumber: '7' },
        schemas: [scimSchemas.user, scimSchemas.enterprise],
      });
    });

    it('are found in any case, by page, and only by what is understood', async () => {
      const email = mailOf('cy');
      const external = ids.next();
      const id = await made(entraUser(email, external));
      const find = async (filter: string) =>
        resourcesOf(await call('GET', `/Users?filter=${encodeURIComponent(filter)}`)).map((one) => one['id']);

      expect(await find(`userName eq "${email.toUpperCase()}"`)).toEqual([id]);
      expect(await find(`externalId eq "${external}"`)).toEqual([id]);
      expect(await find(`emails.value eq "${email}"`)).toEqual([id]);
      expect(await find(`id eq "${id}"`)).toEqual([id]);
      const all = Number((await call('GET', '/Users?count=0')).json['totalResults']);
      const first = await call('GET', '/Users?startIndex=1&count=2');
      const second = await call('GET', '/Users?startIndex=3&count=2');
      expect(first.json).toMatchObject({ totalResults: all, itemsPerPage: 2, startIndex: 1 });
      expect(resourcesOf(second).map((one) => one['id'])).not.toContain(resourcesOf(first)[0]?.['id']);
      const refused = await call('GET', `/Users?filter=${encodeURIComponent('name.familyName co "x"')}`);
      expect(refused.status).toBe(400);
      expect(refused.json).toMatchObject({ scimType: 'invalidFilter' });
    });

    it('are refused where the name or e-mail is taken, and where there is no e-mail', async () => {
      const email = mailOf('dee');
      await made(oktaUser(email));
      expect((await call('POST', '/Users', oktaUser(email))).json).toMatchObject({
        status: '409',
        scimType: 'uniqueness',
      });
      expect((await call('POST', '/Users', { userName: 'dee' })).json).toMatchObject({
        status: '400',
        scimType: 'invalidValue',
      });
      expect((await call('POST', '/Users', { userName: '' })).json).toMatchObject({ scimType: 'invalidValue' });
    });

    it('that are here already are found, and become the directory’s', async () => {
      const local = await joinAs(faces, acme, 'member', 'local');

      const found = resourcesOf(
        await call('GET', `/Users?filter=${encodeURIComponent(`userName eq "${local.email}"`)}`),
      );
      const answer = await call('PATCH', `/Users/${local.id}`, patchOf({ op: 'Add', path: 'externalId', value: 'x1' }));

      expect(found).toMatchObject([{ id: local.id, active: true }]);
      expect(answer.json).toMatchObject({ externalId: 'x1', userName: local.email, displayName: 'local' });
    });

    it('change by the operations of Okta and of Entra', async () => {
      const email = mailOf('eve');
      const moved = mailOf('moved');
      const id = await made(entraUser(email));

      await call('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { displayName: 'Eve Okta' } }));
      expect(await person(email)).toMatchObject({ name: 'Eve Okta' });
      const answer = await call(
        'PATCH',
        `/Users/${id}`,
        patchOf(
          { op: 'Replace', path: 'emails[type eq "work"].value', value: moved },
          { op: 'Replace', path: 'userName', value: moved },
          { op: 'Add', value: { 'name.familyName': 'New', [`${scimSchemas.enterprise}:department`]: 'Art' } },
        ),
      );
      expect(answer.json).toMatchObject({
        userName: moved,
        name: { familyName: 'New' },
        [scimSchemas.enterprise]: { department: 'Art' },
      });
      expect(await person(moved)).toMatchObject({ id });
      expect((await call('PUT', `/Users/${id}`, oktaUser(moved))).json).toMatchObject({ displayName: 'Ada King' });
      expect((await call('PATCH', `/Users/${id}`, patchOf({ op: 'remove' }))).json).toMatchObject({
        scimType: 'noTarget',
      });
      expect((await call('PATCH', '/Users/nobody', patchOf({ op: 'add', value: {} }))).status).toBe(404);
    });

    it.each<[string, (id: string) => Promise<Answer>]>([
      [
        'Okta: active false',
        (id) => call('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: false } })),
      ],
      [
        'Entra: active False as text',
        (id) => call('PATCH', `/Users/${id}`, patchOf({ op: 'Replace', path: 'active', value: 'False' })),
      ],
      [
        'Okta: a PUT',
        async (id) => call('PUT', `/Users/${id}`, { ...(await call('GET', `/Users/${id}`)).json, active: false }),
      ],
      ['a DELETE', (id) => call('DELETE', `/Users/${id}`)],
    ])('lose every way in at once: %s', async (_case, end) => {
      const admin = await joinAs(faces, acme, 'admin', 'leaver');
      const key = await admin.admin.call('POST', '/api/keys', { name: 'k' });
      const host = `${acme.slug}.localhost`;
      await faces.identity.keyAuthenticator.authenticate(String(key.json['secret']), host);
      expect((await admin.chat.get('/api/me')).status).toBe(200);

      expect((await end(admin.id)).status).toBeLessThan(300);

      expect((await admin.chat.get('/api/me')).status).toBe(401);
      expect((await admin.admin.get('/api/me')).status).toBe(401);
      await expect(
        faces.identity.keyAuthenticator.authenticate(String(key.json['secret']), host),
      ).rejects.toMatchObject({ code: 'invalid_api_key' });
      const again = await owner.call('PATCH', `/api/people/${admin.id}`, { state: 'active' });
      expect(again.json).toMatchObject({ error: { code: 'conflict', field: 'state' } });
    });

    it('are brought back by the directory, and not by its silence', async () => {
      const email = mailOf('fay');
      const id = await made(oktaUser(email));
      await call('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: false } }));
      expect(await person(email)).toMatchObject({ state: 'disabled' });
      await call('PATCH', `/Users/${id}`, patchOf({ op: 'replace', value: { active: true } }));
      expect(await person(email)).toMatchObject({ state: 'active' });

      await owner.call('PATCH', `/api/people/${id}`, { state: 'disabled' });
      await call('PUT', `/Users/${id}`, oktaUser(email));
      expect(await person(email)).toMatchObject({ state: 'disabled' });
    });

    it('who were deleted are gone for the directory, and come back as who they were', async () => {
      const email = mailOf('gil');
      const id = await made(oktaUser(email));
      expect((await call('DELETE', `/Users/${id}`)).status).toBe(204);
      expect((await call('GET', `/Users/${id}`)).status).toBe(404);
      expect((await call('DELETE', `/Users/${id}`)).status).toBe(404);

      expect(await made(oktaUser(email))).toBe(id);
      expect(await person(email)).toMatchObject({ state: 'active' });
    });

    it('who are owners are not the directory’s to end or to rename', async () => {
      const boss = await joinAs(faces, acme, 'owner', 'boss');
      for (const [method, body] of [
        ['DELETE', undefined],
        ['PATCH', patchOf({ op: 'replace', value: { active: false } })],
        ['PATCH', patchOf({ op: 'replace', path: 'emails[type eq "work"].value', value: mailOf('stolen') })],
      ] as const)
        expect((await call(method, `/Users/${boss.id}`, body)).status).toBe(403);
      expect((await boss.chat.get('/api/me')).status).toBe(200);
    });
  });

  describe('groups', () => {
    const newGroup = async (...members: string[]) => {
      const answer = await call('POST', '/Groups', {
        schemas: [scimSchemas.group],
        displayName: `Group ${ids.next()}`,
        members: members.map((value) => ({ value })),
      });
      expect(answer.status).toBe(201);
      return String(answer.json['id']);
    };
    const membersOf = async (id: string) =>
      ((await call('GET', `/Groups/${id}`)).json['members'] as Row[]).map(({ value }) => value);

    it('are filled and emptied by the operations of Okta and of Entra', async () => {
      const [ada, bob] = [await made(oktaUser(mailOf('a'))), await made(entraUser(mailOf('b')))];
      const id = await newGroup(ada);

      await call(
        'PATCH',
        `/Groups/${id}`,
        patchOf({ op: 'Add', path: 'members', value: [{ value: bob }, { value: ids.next() }] }),
      );
      expect(await membersOf(id)).toEqual([ada, bob]);
      await call('PATCH', `/Groups/${id}`, patchOf({ op: 'Remove', path: 'members', value: [{ value: ada }] }));
      expect(await membersOf(id)).toEqual([bob]);
      await call('PATCH', `/Groups/${id}`, patchOf({ op: 'remove', path: `members[value eq "${bob}"]` }));
      expect(await membersOf(id)).toEqual([]);
      await call(
        'PATCH',
        `/Groups/${id}`,
        patchOf({ op: 'replace', path: 'members', value: [{ value: ada, display: 'x' }] }),
      );
      expect(await membersOf(id)).toEqual([ada]);
      const renamed = await call(
        'PATCH',
        `/Groups/${id}`,
        patchOf({ op: 'replace', value: { id, displayName: `Renamed ${id}` } }),
      );
      expect(renamed.json).toMatchObject({ displayName: `Renamed ${id}` });
      expect(await membersOf(id)).toEqual([ada]);
      expect((await call('GET', `/Users/${ada}`)).json['groups']).toEqual([{ value: id, display: `Renamed ${id}` }]);
    });

    it('are found by name, without their members where they are not wanted', async () => {
      const ada = await made(oktaUser(mailOf('a')));
      const id = await newGroup(ada);
      const { json } = await call('GET', `/Groups/${id}?excludedAttributes=members`);
      expect(json).not.toHaveProperty('members');
      const found = await call(
        'GET',
        `/Groups?excludedAttributes=members&filter=${encodeURIComponent(`displayName eq "${String(json['displayName'])}"`)}`,
      );
      expect(resourcesOf(found)).toMatchObject([{ id }]);
      const taken = await call('POST', '/Groups', { displayName: json['displayName'] });
      expect(taken.json).toMatchObject({ status: '409', scimType: 'uniqueness' });
    });

    it('give their role to who comes, and take it from who goes', async () => {
      const email = mailOf('hal');
      const hal = await made(oktaUser(email));
      const id = await newGroup(hal);
      const given = await owner.call('PATCH', `/api/groups/${id}`, { role: 'auditor' });
      expect(given.json).toMatchObject({ role: 'auditor', members: 1 });
      expect(await person(email)).toMatchObject({ role: 'auditor', groups: [{ id }] });
      expect(itemsOf(await owner.get(`/api/people?group=${id}`)).map((one) => one['email'])).toEqual([email]);

      await call('PATCH', `/Groups/${id}`, patchOf({ op: 'remove', path: `members[value eq "${hal}"]` }));
      expect(await person(email)).toMatchObject({ role: 'member', groups: [] });
      await call('PATCH', `/Groups/${id}`, patchOf({ op: 'add', path: 'members', value: [{ value: hal }] }));
      expect(await person(email)).toMatchObject({ role: 'auditor' });
      expect((await call('DELETE', `/Groups/${id}`)).status).toBe(204);
      expect(await person(email)).toMatchObject({ role: 'member' });
    });

    it('give a role of the organisation’s own, which then cannot be deleted', async () => {
      const role = await owner.call('POST', '/api/roles', {
        name: 'From a group',
        rights: [{ subject: 'usage', actions: ['read'] }],
      });
      const email = mailOf('ina');
      const id = await newGroup(await made(oktaUser(email)));

      await owner.call('PATCH', `/api/groups/${id}`, { role: role.json['ref'] });

      expect(await person(email)).toMatchObject({ role: role.json['ref'], roleName: 'From a group' });
      expect((await owner.call('DELETE', `/api/roles/${String(role.json['id'])}`)).status).toBe(409);
    });

    it('make nobody an owner, and let nobody give more than their own rights', async () => {
      const id = await newGroup();
      expect((await owner.call('PATCH', `/api/groups/${id}`, { role: 'owner' })).status).toBe(400);
      const role = await owner.call('POST', '/api/roles', {
        name: 'Group keeper',
        rights: [
          { subject: 'usage', actions: ['read'] },
          { subject: 'group', actions: ['read', 'change'] },
        ],
      });
      const keeper = await joinAs(faces, acme, role.json['ref'] as `role:${string}`);
      expect((await keeper.admin.call('PATCH', `/api/groups/${id}`, { role: 'admin' })).status).toBe(403);
      expect((await keeper.admin.call('PATCH', `/api/groups/${id}`, { role: 'member' })).status).toBe(200);
      const admin = await joinAs(faces, acme, 'admin');
      await call('PATCH', `/Groups/${id}`, patchOf({ op: 'add', path: 'members', value: [{ value: admin.id }] }));
      await owner.call('PATCH', `/api/groups/${id}`, { role: 'admin' });
      expect((await keeper.admin.call('PATCH', `/api/groups/${id}`, { role: 'member' })).status).toBe(403);
    });

    it('leave owners what they are', async () => {
      const boss = await joinAs(faces, acme, 'owner', 'boss');
      const id = await newGroup(boss.id);
      await owner.call('PATCH', `/api/groups/${id}`, { role: 'member' });
      expect((await boss.chat.get('/api/me')).json).toMatchObject({ role: 'owner' });
    });
  });

  describe('what it ends', () => {
    /** Another replica: caches of its own, and the notices of `bus`. */
    const replica = (bus: Bus) => {
      const closers: (() => Promise<void>)[] = [];
      const identity = composeIdentity({
        ...faces.foundation,
        bus,
        metrics: new Registry(),
        onClose: (close) => void closers.push(close),
      });
      return { ...identity, close: async () => void (await Promise.all(closers.map((close) => close()))) };
    };

    it.each<[string, () => Bus, number]>([
      ['at once where the notice arrives', () => faces.bus, 0],
      ['within 5 s where it is lost', () => new InProcessBus(), 4_900],
    ])('is dead on another replica, too: %s', async (_case, bus, waitMs) => {
      const far = replica(bus());
      const leaver = await joinAs(faces, acme, 'admin', 'leaver');
      const chatToken = leaver.chat.cookie('__Host-whisper') ?? '';
      const keyText = String((await leaver.admin.call('POST', '/api/keys', { name: 'k' })).json['secret']);
      const ended: string[] = [];
      far.sessionAuthenticator.onRevoked((id) => void ended.push(id));
      expect(await far.sessionAuthenticator.authenticate(acme, 'chat', chatToken)).toMatchObject({
        personId: leaver.id,
      });
      await expect(far.keyAuthenticator.authenticate(keyText, 'acme.localhost')).resolves.toMatchObject({});

      await call('PATCH', `/Users/${leaver.id}`, patchOf({ op: 'replace', value: { active: false } }));
      faces.clock.shiftMs = waitMs;
      const identity = await far.sessionAuthenticator.authenticate(acme, 'chat', chatToken);
      const key = far.keyAuthenticator.authenticate(keyText, 'acme.localhost');

      expect(identity).toBeNull();
      await expect(key).rejects.toMatchObject({ code: 'invalid_api_key' });
      if (waitMs === 0) expect(ended).toHaveLength(2);
      faces.clock.shiftMs = 0;
      await far.close();
    });
  });

  it('is told of in the audit log by the name of its token', async () => {
    const id = await made(oktaUser(mailOf('log')));
    const events = itemsOf(await owner.get('/api/audit?action=person.create&limit=10')).filter(
      ({ target }) => target === id,
    );
    expect(events).toMatchObject([{ actor: { kind: 'key', name: 'directory: Okta' } }]);
  });
});
