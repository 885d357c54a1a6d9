import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { startLyingIdp } from '#test/support/lying-idp.js';
import { startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';
import { oidcProfile } from '#test/support/sso-profiles.js';

const secret = `secret-${randomUUID()}`;

describe('the wizard for an identity provider', () => {
  let faces: TestFaces;
  let idp: TestIdp;
  let next = 0;

  beforeAll(async () => {
    [faces, idp] = await Promise.all([startFaces(), startOidcIdp()]);
  });
  afterAll(async () => {
    await faces.close();
    await idp.close();
  });

  /** A tenant whose manifest is silent, known at the provider, and its owner on the admin pages. */
  const organisation = async (change: Parameters<TestFaces['database']['provision']>[1] = {}) => {
    const slug = `org-${(next += 1)}`;
    const tenant = await faces.database.provision(slug, change);
    const { admin } = await faces.enter(tenant);
    const { json } = await admin.get('/api/sso');
    const { redirectUri } = json['addresses'] as { redirectUri: string };
    idp.serve([{ clientId: 'whisper', secret, redirectUris: [redirectUri] }]);
    return { tenant, admin };
  };
  const draft = (change: object = {}, oidc: object = {}) => ({
    type: 'oidc',
    oidc: { issuer: idp.issuer, clientId: 'whisper', clientSecret: secret, ...oidc },
    ...change,
  });
  const account = (change: object = {}): string => {
    const sub = `sub-${(next += 1)}`;
    idp.accounts.set(sub, { sub, email: `${sub}@acme.example`, name: `Person ${sub}`, ...change });
    return sub;
  };
  const goThrough = async (browser: Browser, address: string, sub: string) => {
    const start = await browser.get(address);
    return browser.get(await idp.passThrough(browser, start.location ?? '', sub));
  };
  /** Runs a test of the draft as `sub` in a browser of its own; what the admin then sees. */
  const tried = async (at: { tenant: Tenant; admin: Browser }, body: object, sub: string) => {
    const { json } = await at.admin.call('POST', '/api/sso/tests', body);
    const browser = faces.chat(at.tenant);
    const back = await goThrough(browser, String(json['url']), sub);
    const seen = await at.admin.get(`/api/sso/tests/${String(json['id'])}`);
    return { id: String(json['id']), url: String(json['url']), browser, back, seen: seen.json };
  };
  const save = (admin: Browser, body: object) => admin.call('PUT', '/api/sso', body);

  it('says what the provider has to be told, before there is one', async () => {
    const { admin, tenant } = await organisation();

    const at = `http://${tenant.slug}.localhost:${faces.port}`;
    expect((await admin.get('/api/sso')).json).toEqual({
      source: 'default',
      connection: null,
      hasSecret: false,
      proven: false,
      passwordsFor: 'everybody',
      addresses: {
        redirectUri: `${at}/api/sign-in/oidc/callback`,
        backChannelUri: `${at}/api/sign-in/oidc/back-channel`,
        signOutUri: `${at}/sign-in`,
        entityId: `${at}/api/sign-in/saml/metadata`,
        acsUrl: `${at}/api/sign-in/saml/acs`,
        singleLogoutUrl: `${at}/api/sign-in/saml/logout`,
      },
    });
  });

  describe('looking at a provider', () => {
    const stateOf = async (admin: Browser, body: object) => {
      const { json } = await admin.call('POST', '/api/sso/check', body);
      const findings = json['findings'] as { check: string; state: string; detail: string }[];
      return Object.fromEntries(findings.map(({ check, state, detail }) => [check, [state, detail] as const]));
    };

    it('finds nothing to complain of in a good one', async () => {
      const { admin } = await organisation();
      const found = await stateOf(admin, { draft: draft() });

      expect(Object.entries(found).map(([check, [state]]) => [check, state])).toEqual([
        ['discovery', 'ok'],
        ['flow', 'ok'],
        ['scopes', 'ok'],
        ['freshSignIn', 'ok'],
        ['keys', 'ok'],
        ['clock', 'ok'],
        ['clientSecret', 'ok'],
        ['signOut', 'ok'],
      ]);
    });

    it.each<[string, string, () => object, RegExp]>([
      [
        'an issuer that is not there',
        'discovery',
        () => ({ issuer: 'http://127.0.0.1:9' }),
        /ECONNREFUSED|fetch failed/,
      ],
      ['another path', 'discovery', () => ({ issuer: `${idp.issuer}/realms/none` }), /cannot be used/],
      ['plain http elsewhere', 'discovery', () => ({ issuer: 'http://idp.example' }), /loopback/],
      [
        'a wrong secret',
        'clientSecret',
        () => ({ clientSecret: 'not the secret' }),
        /does not know the client whisper/,
      ],
      ['a wrong client', 'clientSecret', () => ({ clientId: 'somebody' }), /does not know the client somebody/],
    ])('names the fault of %s', async (_case, check, oidc, words) => {
      const { admin } = await organisation();
      const [state, detail] = (await stateOf(admin, { draft: draft({}, oidc()) }))[check] ?? [];

      expect(state).toBe('failed');
      expect(detail).toMatch(words);
      expect(detail).not.toContain(secret);
    });

    it('warns of scopes that the provider does not name', async () => {
      const { admin } = await organisation();
      const found = await stateOf(admin, { draft: draft({}, { scopes: ['openid', 'sesame'] }) });

      expect(found['scopes']).toEqual(['warning', 'not among the scopes the provider names: sesame']);
    });

    it('says beforehand whether it can be asked again', async () => {
      const { admin } = await organisation();
      const recheck = async (oidc: object) => (await stateOf(admin, { draft: draft({}, oidc) }))['recheck'];

      expect(await recheck({ recheckMinutes: 15 })).toEqual(['ok', expect.stringContaining('offline_access')]);
      expect(await recheck({})).toBeUndefined();
    });

    it('warns of a provider that gives nothing to ask it again with', async () => {
      const { admin } = await organisation();
      const silent = await startLyingIdp('whisper');
      silent.lies = { discovery: (honest) => ({ ...honest, scopes_supported: ['openid', 'email'] }) };
      const oidc = { issuer: silent.issuer, scopes: ['openid'], recheckMinutes: 15 };

      const found = await stateOf(admin, { draft: draft({}, oidc) });
      await silent.close();

      expect(found['recheck']).toEqual(['warning', expect.stringContaining('sign in anew every 15 minutes')]);
    });
  });

  describe('a test sign-in', () => {
    it('shows the claims and the role they would give, and opens nothing', async () => {
      const at = await organisation();
      const rules = { groupRoleMap: [{ group: 'it', role: 'admin' }] };
      const oidc = { scopes: ['openid', 'email', 'profile', 'groups'] };
      const { back, browser, seen } = await tried(at, { draft: draft(rules, oidc) }, account({ groups: ['it', 'x'] }));

      expect(back).toMatchObject({ status: 302, location: '/sign-in/tested' });
      expect((await browser.get('/api/me')).status).toBe(401);
      expect(seen).toMatchObject({
        state: 'succeeded',
        reason: null,
        role: 'admin',
        groups: ['it', 'x'],
        received: { groups: ['it', 'x'] },
      });
      expect(JSON.stringify(seen)).not.toContain(secret);
      const people = await at.admin.get('/api/people');
      expect((people.json['items'] as unknown[]).length).toBe(1);
    });

    it('says that somebody would not be let in, and why', async () => {
      const at = await organisation();
      const { seen } = await tried(at, { draft: draft({ justInTime: false }) }, account());

      expect(seen).toMatchObject({ state: 'succeeded', reason: 'no_account', role: null });
    });

    it('tells the admin what went wrong, and the browser nothing', async () => {
      const at = await organisation();
      const { back, seen } = await tried(at, { draft: draft({}, { clientSecret: 'not the secret' }) }, account());

      expect(back.location).toBe('/sign-in/tested');
      expect(seen).toMatchObject({
        state: 'failed',
        reason: expect.stringMatching(/does not accept this client id and secret/),
      });
    });

    it('begins once, with its own ticket', async () => {
      const at = await organisation();
      const { url } = await tried(at, { draft: draft() }, account());

      expect((await faces.chat(at.tenant).get(url)).json).toMatchObject({ error: { code: 'link_invalid' } });
    });

    it('cannot be used to come in through the connection in force', async () => {
      const at = await organisation();
      const { json } = await at.admin.call('POST', '/api/sso/tests', { draft: draft() });
      const browser = faces.chat(at.tenant);
      const start = await browser.get(String(json['url']));
      const back = await idp.passThrough(browser, start.location ?? '', account());
      faces.clock.shiftMs += 25 * 60 * 60_000;
      await faces.identity.expireSignIns(at.tenant.id);
      faces.clock.shiftMs = 0;

      expect((await browser.get(back)).json).toMatchObject({ error: { code: 'sso_failed' } });
    });
  });

  describe('switching it on', () => {
    it('needs a test that has succeeded, of this very connection', async () => {
      const at = await organisation();
      expect((await save(at.admin, { draft: draft() })).json).toMatchObject({ error: { code: 'sso_untested' } });
      const failing = await tried(at, { draft: draft({}, { clientSecret: 'wrong' }) }, account());
      const other = await tried(at, { draft: draft() }, account());

      for (const body of [
        { draft: draft(), testId: failing.id },
        { draft: draft({}, { clientId: 'another' }), testId: other.id },
      ])
        expect((await save(at.admin, body)).json).toMatchObject({ error: { code: 'sso_untested' } });
      expect((await faces.chat(at.tenant).get('/api/sign-in/sso')).status).toBe(404);
    });

    it('lets people in, keeps the secret to itself, and takes changes of rules without a test', async () => {
      const at = await organisation();
      const { id } = await tried(at, { draft: draft() }, account());
      const { clientSecret: _left, ...oidc } = draft().oidc;

      const saved = await save(at.admin, { draft: { ...draft(), oidc }, testId: id });
      expect(saved.json).toMatchObject({ source: 'setting', hasSecret: true, proven: true });
      expect(saved.text).not.toContain(secret);
      const browser = faces.chat(at.tenant);
      expect((await goThrough(browser, '/api/sign-in/sso', account())).status).toBe(302);
      expect((await browser.get('/api/me')).json).toMatchObject({ role: 'member' });

      const rules = { groupRoleMap: [{ group: 'it', role: 'admin' }], required: true };
      const changed = await save(at.admin, { draft: { ...draft(rules), oidc } });
      expect(changed.json).toMatchObject({ passwordsFor: 'owners', connection: rules });
      const boot = await faces.database.sessions.run(at.tenant.id, ({ settings }) => settings.all());
      expect(JSON.stringify([...boot])).not.toContain(secret);
    });

    it('can be undone, which brings passwords back', async () => {
      const at = await organisation();
      const { id } = await tried(at, { draft: draft() }, account());
      await save(at.admin, { draft: draft({ required: true }), testId: id });

      expect((await at.admin.call('DELETE', '/api/sso')).status).toBe(204);
      expect((await at.admin.get('/api/sso')).json).toMatchObject({ source: 'default', passwordsFor: 'everybody' });
      expect((await faces.chat(at.tenant).get('/api/sign-in/sso')).status).toBe(404);
    });

    it('is the manifest’s matter where the manifest says something', async () => {
      const { admin } = await organisation({ sso: oidcProfile({ issuer: idp.issuer }) });
      const closed = await organisation({ sso: { type: 'none' } });

      expect((await admin.get('/api/sso')).json).toMatchObject({ source: 'manifest' });
      for (const one of [admin, closed.admin]) {
        expect((await save(one, { draft: draft() })).json).toMatchObject({ error: { code: 'managed_by_manifest' } });
        expect((await one.call('DELETE', '/api/sso')).json).toMatchObject({ error: { code: 'managed_by_manifest' } });
      }
    });

    it('makes owners of a group only by an owner’s word, and is nothing for members', async () => {
      const at = await organisation();
      const { url } = await faces.identity.inviteByCli(at.tenant, { email: 'admin@acme.example', role: 'admin' });
      const chat = faces.chat(at.tenant);
      await chat.call('POST', '/api/links/use', { token: tokenOf(url), name: 'A', password: 'a long password 1' });
      const handover = await chat.call('POST', '/api/admin-handover');
      const admin = faces.admin(at.tenant);
      await admin.call('POST', '/api/handover', { token: tokenOf(String(handover.json['url'])) });
      const { id } = await tried({ ...at, admin }, { draft: draft() }, account());
      const rules = { groupRoleMap: [{ group: 'board', role: 'owner' }] };

      expect((await save(admin, { draft: draft(rules), testId: id })).json).toMatchObject({
        error: { code: 'forbidden' },
      });
      expect((await save(admin, { draft: draft(), testId: id })).status).toBe(200);
      expect((await save(at.admin, { draft: draft(rules) })).status).toBe(200);
    });

    it('names the field at fault', async () => {
      const { admin } = await organisation();
      const answer = await save(admin, { draft: draft({}, { issuer: 'ftp://idp.example' }) });

      expect(answer.json).toMatchObject({ error: { code: 'bad_request', field: 'draft.oidc.issuer' } });
    });
  });
});

describe('a provider that a tenant’s own people have named', () => {
  let faces: TestFaces;
  let idp: TestIdp;
  beforeAll(async () => {
    [faces, idp] = await Promise.all([startFaces({ tenantAddresses: 'public' }), startOidcIdp()]);
  });
  afterAll(async () => {
    await faces.close();
    await idp.close();
  });

  it.each([
    ['on this machine', () => idp.issuer],
    ['on this machine, by https', () => 'https://127.0.0.1:8443'],
    ['on this machine, by name', () => 'https://localhost'],
    ['on this machine, written otherwise', () => 'https://2130706433'],
    ['where clouds keep their secrets', () => 'https://169.254.169.254'],
    ['in a private network', () => 'https://10.0.0.1'],
    ['in a private network of IPv6', () => 'https://[fd00::1]'],
    ['on an IPv4 address in IPv6 clothes', () => 'https://[::ffff:10.0.0.1]'],
  ])('is not asked %s', async (_case, issuer) => {
    const tenant = await faces.database.provision(`org-${randomUUID().slice(0, 8)}`);
    const { admin } = await faces.enter(tenant);
    const draft = { type: 'oidc', oidc: { issuer: issuer(), clientId: 'whisper' } };
    const { json } = await admin.call('POST', '/api/sso/check', { draft });

    expect(json['findings']).toEqual([
      { check: 'discovery', state: 'failed', detail: expect.stringMatching(/not an address of the open internet/) },
    ]);
  });

  it('is asked where the manifest names it', async () => {
    const tenant = await faces.database.provision('named', { sso: oidcProfile({ issuer: idp.issuer }) });
    idp.serve([{ clientId: 'whisper', secret, redirectUris: ['http://named.localhost/x'] }]);

    expect((await faces.chat(tenant).get('/api/sign-in/sso')).status).toBe(302);
  });
});
