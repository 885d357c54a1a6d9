import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { AuditEvent } from '#libs/governance/domain/audit-event.js';
import { type Browser, meOf } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';

const password = 'a long enough password';
const minute = 60_000;
const hour = 60 * minute;

describe('signing in', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let globex: Tenant;

  beforeAll(async () => {
    faces = await startFaces();
    [acme, globex] = await Promise.all([faces.database.provision('acme'), faces.database.provision('globex')]);
  });
  afterAll(() => faces.close());
  beforeEach(async () => {
    faces.clock.shiftMs = 0;
    await faces.database.sessions.run(acme.id, ({ attempts }) => attempts.expire(new Date(Date.now() + 24 * hour)));
  });

  const use = (browser: Browser, url: string, more: object = {}) =>
    browser.call('POST', '/api/links/use', { token: tokenOf(url), ...more });
  const auditOf = async (tenant: Tenant): Promise<readonly AuditEvent[]> => {
    const filter = { action: null, outcome: null, cursor: null, limit: 200 };
    return (await faces.database.sessions.run(tenant.id, ({ audit }) => audit.page(filter, systemAbility('owner'))))
      .items;
  };
  /** A new person who signs in by password. */
  const invited = async (email: string, role: 'member' | 'admin' = 'member') => {
    const link = await faces.identity.inviteByCli(acme, { email, role });
    const browser = faces.chat(acme);
    const answer = await use(browser, link.url, { name: 'Ada', password });
    expect(answer.status).toBe(200);
    return { browser, id: String(meOf(answer)['userId']) };
  };
  const signIn = (email: string, given: string, browser = faces.chat(acme)) =>
    browser.call('POST', '/api/sign-in/password', { email, password: given });

  it('lets the owner in by a link, once', async () => {
    const link = await faces.identity.issueOwnerLink(acme);
    const browser = faces.chat(acme);

    expect(link.url).toMatch(new RegExp(`^http://acme\\.localhost:${faces.port}/link#[\\w-]{43}$`));
    const inspected = await browser.call('POST', '/api/links/inspect', { token: tokenOf(link.url) });
    expect(inspected.json).toMatchObject({ purpose: 'owner', email: 'owner@acme.example' });
    const used = await use(browser, link.url);
    expect(meOf(used)).toMatchObject({
      role: 'owner',
      email: 'owner@acme.example',
      mayAdmin: true,
      hasPassword: false,
    });
    expect(String(used.headers['set-cookie'])).toMatch(
      /__Host-whisper=[\w-]{43}; Path=\/; Max-Age=2592000; HttpOnly; Secure; SameSite=Lax/,
    );
    expect((await browser.get('/api/me')).json).toMatchObject({ email: 'owner@acme.example' });

    expect((await use(faces.chat(acme), link.url)).json).toMatchObject({ error: { code: 'link_invalid' } });
  });

  it('gives a link to exactly one of many who use it at the same time', async () => {
    const link = await faces.identity.issueOwnerLink(acme);

    const answers = await Promise.all(Array.from({ length: 8 }, () => use(faces.chat(acme), link.url)));

    expect(answers.map(({ status }) => status).sort((one, other) => one - other)).toEqual([
      200, 410, 410, 410, 410, 410, 410, 410,
    ]);
  });

  it('takes no link that is over, replaced, or of another tenant', async () => {
    const first = await faces.identity.issueOwnerLink(acme);
    const second = await faces.identity.issueOwnerLink(acme);

    expect((await use(faces.chat(acme), first.url)).status).toBe(410);
    expect((await use(faces.chat(globex), second.url)).status).toBe(410);
    faces.clock.shiftMs = 15 * minute;
    expect((await use(faces.chat(acme), second.url)).status).toBe(410);
  });

  it('asks an invited person for name and password before the link is used', async () => {
    const link = await faces.identity.inviteByCli(acme, { email: 'New@acme.example', role: 'auditor' });
    const browser = faces.chat(acme);

    expect((await use(browser, link.url)).json).toMatchObject({ error: { code: 'bad_request', field: 'name' } });
    const answer = await use(browser, link.url, { name: 'New', password });
    expect(meOf(answer)).toMatchObject({ role: 'auditor', email: 'new@acme.example', name: 'New', hasPassword: true });
    await expect(faces.identity.inviteByCli(acme, { email: 'new@acme.example', role: 'member' })).rejects.toMatchObject(
      {
        code: 'conflict',
      },
    );
  });

  it('answers a wrong password, an unknown e-mail and a disabled person alike', async () => {
    const { id } = await invited('gone@acme.example');
    const { admin } = await faces.enter(acme);
    await admin.call('PATCH', `/api/people/${id}`, { state: 'disabled' });
    await invited('here@acme.example');

    const answers = [
      await signIn('here@acme.example', 'wrong password!'),
      await signIn('nobody@acme.example', password),
      await signIn('gone@acme.example', password),
    ];

    const bodies = answers.map(({ json }) => ({ ...(json['error'] as object), requestId: '' }));
    expect(bodies[1]).toEqual(bodies[0]);
    expect(bodies[2]).toEqual(bodies[0]);
    expect(bodies[0]).toMatchObject({ code: 'sign_in_failed' });
    const reasons = (await auditOf(acme))
      .filter(({ action, outcome }) => action === 'session.create' && outcome === 'refused')
      .map(({ reason }) => reason);
    expect(reasons.slice(0, 3)).toEqual(['person_disabled', 'unknown_email', 'wrong_password']);
  });

  it('counts sign-ins by method and outcome', async () => {
    const count = async (method: string, outcome: string) => {
      const [metric] = await faces.metrics.getMetricsAsJSON();
      return (
        metric?.values.find(({ labels }) => labels['method'] === method && labels['outcome'] === outcome)?.value ?? 0
      );
    };
    const before = { refused: await count('password', 'refused'), success: await count('link', 'success') };

    await faces.chat(acme).call('POST', '/api/sign-in/password', { email: 'nobody@acme.example', password });
    await faces.enter(acme);

    expect(await count('password', 'refused')).toBe(before.refused + 1);
    expect(await count('link', 'success')).toBe(before.success + 1);
  });

  it('stops guessing at an account, even in parallel, until the stated time', async () => {
    await invited('target@acme.example');

    const guesses = await Promise.all(
      Array.from({ length: 14 }, () => signIn('target@acme.example', 'guess guess guess')),
    );

    const statuses = guesses.map(({ status }) => status).sort((one, other) => one - other);
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 401), 429, 429, 429, 429]);
    const right = await signIn('target@acme.example', password);
    expect(right.json).toMatchObject({ error: { code: 'sign_in_throttled' } });
    const retryAt = new Date(String((right.json['error'] as Record<string, string>)['retryAt']));
    faces.clock.shiftMs = retryAt.getTime() - Date.now() + 1_000;
    expect((await signIn('target@acme.example', password)).status).toBe(200);
  });

  it('forgives failures after a right password', async () => {
    await invited('clumsy@acme.example');
    for (let tries = 0; tries < 9; tries++) await signIn('clumsy@acme.example', 'guess guess guess');

    expect((await signIn('clumsy@acme.example', password)).status).toBe(200);
    for (let tries = 0; tries < 9; tries++)
      expect((await signIn('clumsy@acme.example', 'guess guess guess')).status).toBe(401);
    expect((await signIn('clumsy@acme.example', password)).status).toBe(200);
  });

  it('stops an address that guesses at many accounts', async () => {
    const guesses = [];
    for (let index = 0; index < 52; index++) guesses.push((await signIn(`p${index}@acme.example`, 'guess')).status);

    expect(guesses.slice(0, 50).every((status) => status === 401)).toBe(true);
    expect(guesses.slice(50)).toEqual([429, 429]);
  });

  it('gives a new session at each sign-in and ends the old one', async () => {
    const { browser } = await invited('rotate@acme.example');
    const before = browser.cookie('__Host-whisper');

    await signIn('rotate@acme.example', password, browser);

    expect(browser.cookie('__Host-whisper')).not.toBe(before);
    const old = faces.chat(acme);
    old.setCookie('__Host-whisper', before!);
    expect((await old.get('/api/me')).status).toBe(401);
    expect((await browser.get('/api/me')).status).toBe(200);
  });

  it('knows a session of one tenant or face nowhere else', async () => {
    const { browser } = await invited('walls@acme.example', 'admin');
    const token = browser.cookie('__Host-whisper')!;
    const other = faces.chat(globex);
    other.setCookie('__Host-whisper', token);
    const admin = faces.admin(acme);
    admin.setCookie('__Host-whisper-admin', token);

    expect((await other.get('/api/me')).status).toBe(401);
    expect((await admin.get('/api/me')).status).toBe(401);
  });

  it.each([
    ['idle for a week', [7 * 24 * hour]],
    ['30 days old, however busy', [6, 12, 18, 24, 30].map((days) => days * 24 * hour)],
  ])('ends a session that is %s', async (_case, shifts) => {
    const { browser } = await invited(`limits${shifts.length}@acme.example`);
    const statuses: number[] = [];
    for (const shift of shifts) {
      faces.clock.shiftMs = shift;
      statuses.push((await browser.get('/api/me')).status);
    }

    expect(statuses).toEqual(shifts.map((_shift, index) => (index === shifts.length - 1 ? 401 : 200)));
  });

  it('lists own sessions and revokes one at once', async () => {
    const { browser } = await invited('two@acme.example');
    const second = faces.chat(acme);
    await signIn('two@acme.example', password, second);
    const ended: string[] = [];
    faces.identity.sessionAuthenticator.onRevoked((id) => ended.push(id));

    const list = (await browser.get('/api/sessions')).json['items'] as { id: string; current: boolean }[];
    expect(list.filter(({ current }) => current)).toHaveLength(1);
    expect(list).toHaveLength(2);
    const other = list.find(({ current }) => !current)!;
    expect((await second.get('/api/me')).status).toBe(200);
    expect((await browser.call('DELETE', `/api/sessions/${other.id}`)).status).toBe(204);
    expect((await second.get('/api/me')).status).toBe(401);
    expect(ended).toEqual([other.id]);
    expect((await browser.call('DELETE', `/api/sessions/${other.id}`)).status).toBe(404);
  });

  it("revokes nobody else's session", async () => {
    const { browser } = await invited('mallory@acme.example');
    const victim = await invited('victim@acme.example');
    const { json } = await victim.browser.get('/api/me');

    expect((await browser.call('DELETE', `/api/sessions/${String(json['sessionId'])}`)).status).toBe(404);
    expect((await victim.browser.get('/api/me')).status).toBe(200);
  });

  it('changes a password with the current one only, and ends the other sessions', async () => {
    const { browser } = await invited('change@acme.example');
    const other = faces.chat(acme);
    await signIn('change@acme.example', password, other);

    const wrong = await browser.call('PUT', '/api/me/password', {
      current: 'wrong',
      password: 'another long password',
    });
    expect(wrong.json).toMatchObject({ error: { code: 'sign_in_failed', field: 'current' } });
    const right = await browser.call('PUT', '/api/me/password', {
      current: password,
      password: 'another long password',
    });
    expect(right.status).toBe(204);
    expect((await browser.get('/api/me')).status).toBe(200);
    expect((await other.get('/api/me')).status).toBe(401);
    expect((await signIn('change@acme.example', password)).status).toBe(401);
    expect((await signIn('change@acme.example', 'another long password')).status).toBe(200);
  });

  it('signs out', async () => {
    const { browser } = await invited('out@acme.example');
    const token = browser.cookie('__Host-whisper')!;

    expect((await browser.call('POST', '/api/sign-out')).status).toBe(200);

    expect(browser.cookie('__Host-whisper')).toBeNull();
    browser.setCookie('__Host-whisper', token);
    expect((await browser.get('/api/me')).status).toBe(401);
  });

  it('hands over to the admin pages once, within a minute, and only who may', async () => {
    const member = await invited('plain@acme.example');
    expect((await member.browser.call('POST', '/api/admin-handover')).status).toBe(403);
    const { chat } = await faces.enter(acme);
    const first = String((await chat.call('POST', '/api/admin-handover')).json['url']);
    expect(first).toMatch(/^http:\/\/admin\.acme\.localhost:\d+\/enter#/);

    const admin = faces.admin(acme);
    const entered = await admin.call('POST', '/api/handover', { token: tokenOf(first) });
    expect(entered.json).toMatchObject({ role: 'owner' });
    expect((await faces.admin(acme).call('POST', '/api/handover', { token: tokenOf(first) })).status).toBe(410);
    const late = String((await chat.call('POST', '/api/admin-handover')).json['url']);
    expect((await use(faces.chat(acme), late)).status).toBe(410);
    faces.clock.shiftMs = minute;
    expect((await faces.admin(acme).call('POST', '/api/handover', { token: tokenOf(late) })).status).toBe(410);
  });

  it('resets a password by a link and ends all sessions', async () => {
    const { browser, id } = await invited('reset@acme.example');
    const { admin } = await faces.enter(acme);
    const link = await admin.call('POST', `/api/people/${id}/reset-link`);
    expect(link.status).toBe(201);

    const fresh = faces.chat(acme);
    expect((await use(fresh, String(link.json['url']), { password: 'a brand new password' })).status).toBe(200);

    expect((await browser.get('/api/me')).status).toBe(401);
    expect((await fresh.get('/api/me')).status).toBe(200);
    expect((await signIn('reset@acme.example', 'a brand new password')).status).toBe(200);
  });

  it('keeps no token, key or password in the database', async () => {
    const { browser } = await invited('grep@acme.example');
    const token = browser.cookie('__Host-whisper')!;
    await signIn('grep@acme.example', 'guess guess guess');
    const { text } = await faces.identity.createKeyByCli(acme, 'grep');
    const secret = text.split('_')[3]!;

    const admin = new pg.Client({ connectionString: faces.database.adminUrl });
    await admin.connect();
    for (const table of ['session', 'one_time_link', 'api_key', 'audit_event', 'person', 'sign_in_attempt']) {
      const { rows } = await admin.query<{ row: string }>(`select t::text as row from ${acme.schema}.${table} t`);
      expect(rows.length).toBeGreaterThan(0);
      for (const needle of [token, secret, password]) expect(JSON.stringify(rows)).not.toContain(needle);
    }
    await admin.end();
  });

  it('clears what is over and tells the sockets', async () => {
    const { browser } = await invited('expire@acme.example');
    const { json } = await browser.get('/api/me');
    const ended: string[] = [];
    faces.identity.sessionAuthenticator.onRevoked((id) => ended.push(id));

    faces.clock.shiftMs = 8 * 24 * hour;
    await faces.identity.expireSignIns(acme.id);

    expect(ended).toContain(json['sessionId']);
  });
});

describe('an API key', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let globex: Tenant;

  beforeAll(async () => {
    faces = await startFaces();
    [acme, globex] = await Promise.all([faces.database.provision('acme'), faces.database.provision('globex')]);
  });
  afterAll(() => faces.close());

  it('names its tenant on loopback and fits its own host only', async () => {
    const { text, key } = await faces.identity.createKeyByCli(acme, 'script');
    const { keyAuthenticator } = faces.identity;

    expect(text.startsWith(`wk_${acme.schema.slice(2)}_${key.id}_`)).toBe(true);
    expect(await keyAuthenticator.authenticate(text, null)).toMatchObject({ keyId: key.id, tenant: { slug: 'acme' } });
    expect(await keyAuthenticator.authenticate(text, 'acme.localhost')).toMatchObject({
      scopes: ['chat', 'embeddings', 'models'],
      personId: null,
    });
    await expect(keyAuthenticator.authenticate(text, 'globex.localhost')).rejects.toMatchObject({
      code: 'invalid_api_key',
    });
    const moved = text.replace(acme.schema.slice(2), globex.schema.slice(2));
    await expect(keyAuthenticator.authenticate(moved, null)).rejects.toMatchObject({ code: 'invalid_api_key' });
    await expect(keyAuthenticator.authenticate(`${text.slice(0, -1)}x`, null)).rejects.toMatchObject({
      code: 'invalid_api_key',
    });
  });

  it('ends at once when it is revoked, when it expires, and with the person who made it', async () => {
    const { admin } = await faces.enter(acme);
    const { keyAuthenticator } = faces.identity;
    const create = async (browser: Browser, body: object) =>
      (await browser.call('POST', '/api/keys', { name: 'k', ...body })).json as unknown as {
        secret: string;
        key: { id: string };
      };
    const revoked = await create(admin, {});
    const expiring = await create(admin, { expiresInDays: 1 });
    const { url } = await faces.identity.inviteByCli(acme, { email: 'maker@acme.example', role: 'admin' });
    const chat = faces.chat(acme);
    const me = await chat.call('POST', '/api/links/use', { token: tokenOf(url), name: 'M', password });
    const handover = await chat.call('POST', '/api/admin-handover');
    const maker = faces.admin(acme);
    await maker.call('POST', '/api/handover', { token: tokenOf(String(handover.json['url'])) });
    const owned = await create(maker, {});
    for (const { secret } of [revoked, expiring, owned]) await keyAuthenticator.authenticate(secret, null);

    expect((await admin.call('DELETE', `/api/keys/${revoked.key.id}`)).status).toBe(204);
    expect((await admin.call('PATCH', `/api/people/${String(meOf(me)['userId'])}`, { state: 'disabled' })).status).toBe(
      200,
    );
    faces.clock.shiftMs = 24 * hour;

    for (const { secret } of [revoked, expiring, owned])
      await expect(keyAuthenticator.authenticate(secret, null)).rejects.toMatchObject({ code: 'invalid_api_key' });
    faces.clock.shiftMs = 0;
    expect((await maker.get('/api/me')).status).toBe(401);
    expect((await chat.get('/api/me')).status).toBe(401);
  });
});
