import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from '@jest/globals';
import pg from 'pg';
import { pino } from 'pino';
import { type RunningPlatform, startPlatform } from '#apps/standalone/start-platform.js';
import { closeCodes } from '#libs/contracts/chat-events.js';
import { ConfigSchema } from '#libs/platform/config.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type Answer, Browser } from '#test/support/browser.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { tokenOf } from '#test/support/faces.js';
import { freePort } from '#test/support/free-port.js';
import { LiveSocket } from '#test/support/live-socket.js';
import { startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';
import { newFolder, writeTenant } from '#test/support/platform.js';
import { type RedisServer, startRedis } from '#test/support/redis-server.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

const password = 'a long enough password';
const secret = 'client secret of the test';
const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
/** What is ended on one replica is over on every other by then, in ms. */
const promisedMs = 5_000;

/** Somebody with a session, seen from both replicas, and with a tab that is open at the second one. */
interface Visit {
  readonly id: string;
  readonly sessionId: string;
  readonly email: string;
  readonly one: Browser;
  readonly two: Browser;
  readonly socket: LiveSocket;
}

describeWith(redisServer, 'two replicas over one database and one Redis', (program) => {
  let redis: RedisServer;
  let idp: TestIdp;
  let database: pg.Client;
  let acme: Tenant;
  let owner: { chat: Browser; admin: Browser };
  let scim: string;
  let next = 0;
  const folders: string[] = [];
  const replicas: { platform: RunningPlatform; port: number }[] = [];

  const describeTenant = (folder: string, more: object = {}) =>
    writeTenant(folder, 'acme', {
      sso: {
        type: 'oidc',
        oidc: { issuer: idp.issuer, clientId: 'whisper', clientSecretRef: { name: 'idp' }, recheckMinutes: 5 },
      },
      ...more,
    });
  const at = (replica: 0 | 1, face: 'chat' | 'admin' = 'chat') =>
    new Browser(`http://${face === 'admin' ? 'admin.' : ''}acme.localhost:${replicas[replica]?.port ?? 0}`);
  const platform = () => {
    const [first] = replicas;
    if (first === undefined) throw new Error('no replica runs');
    return first.platform;
  };

  beforeAll(async () => {
    [redis, idp] = await Promise.all([startRedis(program), startOidcIdp()]);
    const [tenants, secrets, databaseUrl] = await Promise.all([newFolder(), newFolder(), freshDatabaseUrl()]);
    folders.push(tenants, secrets);
    await mkdir(join(secrets, 'acme', 'idp'), { recursive: true });
    await writeFile(join(secrets, 'acme', 'idp', 'value'), secret);
    await describeTenant(tenants);
    for (const _replica of ['one', 'two']) {
      const [data, port] = [await newFolder(), await freePort()];
      folders.push(data);
      const shared = { tenants, secrets, databaseUrl, redisUrl: redis.url, probeModels: 'false' };
      const config = ConfigSchema.parse({ ...shared, port, data, bootId: randomUUID() });
      replicas.push({ platform: await startPlatform(config, pino({ level: 'silent' }), () => undefined), port });
    }
    const found = await platform().foundation.directory.bySlug('acme');
    if (found === null) throw new Error('there is no acme');
    acme = found;
    const redirectUris = [`${at(0).origin}/api/sign-in/oidc/callback`];
    idp.serve([{ clientId: 'whisper', secret, redirectUris }]);
    database = new pg.Client({ connectionString: databaseUrl });
    await database.connect();
  }, 90_000);
  afterAll(async () => {
    await database.end();
    for (const { platform: one } of replicas) await one.stop();
    await Promise.all([idp.close(), redis.stop()]);
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  const enterAdmin = async (chat: Browser, replica: 0 | 1 = 0): Promise<Browser> => {
    const { json } = await chat.call('POST', '/api/admin-handover');
    const admin = at(replica, 'admin');
    await admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });
    return admin;
  };
  beforeEach(async () => {
    const chat = at(0);
    const { url } = await platform().identity.issueOwnerLink(acme);
    await chat.call('POST', '/api/links/use', { token: tokenOf(url) });
    owner = { chat, admin: await enterAdmin(chat) };
    const directory = await owner.admin.call('POST', '/api/scim/tokens', { name: 'Directory' });
    scim = String(directory.json['secret']);
  });

  const visitOf = async (one: Browser, email: string): Promise<Visit> => {
    const { json } = await one.get('/api/me');
    const two = at(1);
    two.setCookie('__Host-whisper', one.cookie('__Host-whisper') ?? '');
    expect((await two.get('/api/me')).json).toEqual(json);
    const socket = await LiveSocket.open(two);
    expect(socket.refused).toBeNull();
    return { id: String(json['userId']), sessionId: String(json['sessionId']), email, one, two, socket };
  };
  const visit = async (role: Role = 'member'): Promise<Visit> => {
    const email = `person-${(next += 1)}@acme.example`;
    const { url } = await platform().identity.inviteByCli(acme, { email, role });
    const one = at(0);
    await one.call('POST', '/api/links/use', { token: tokenOf(url), name: 'Person', password });
    return visitOf(one, email);
  };
  const visitByProvider = async (): Promise<Visit> => {
    const sub = `sub-${(next += 1)}`;
    const email = `${sub}@acme.example`;
    idp.accounts.set(sub, { sub, email, emailVerified: true, name: sub });
    const one = at(0);
    const start = await one.get('/api/sign-in/sso');
    await one.get(await idp.passThrough(one, start.location ?? '', sub));
    return visitOf(one, email);
  };
  const secondSession = async ({ email }: Visit): Promise<Browser> => {
    const other = at(0);
    expect((await other.call('POST', '/api/sign-in/password', { email, password })).status).toBe(200);
    return other;
  };

  const ends: readonly (readonly [string, () => Promise<Visit>, (visit: Visit) => Promise<unknown>])[] = [
    ['signing out', visit, ({ one }) => one.call('POST', '/api/sign-out')],
    [
      'ending it from another session',
      visit,
      async (who) => (await secondSession(who)).call('DELETE', `/api/sessions/${who.sessionId}`),
    ],
    [
      'another password',
      visit,
      async (who) => {
        const other = await secondSession(who);
        return other.call('PUT', '/api/me/password', { current: password, password: 'quite another password' });
      },
    ],
    ['disabling the person', visit, ({ id }) => owner.admin.call('PATCH', `/api/people/${id}`, { state: 'disabled' })],
    ['signing the person out', visit, ({ id }) => owner.admin.call('POST', `/api/people/${id}/sign-out`)],
    [
      'the directory',
      visit,
      ({ id, one }) =>
        one.send('PATCH', `/scim/v2/Users/${id}`, {
          body: {
            schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
            Operations: [{ op: 'replace', value: { active: false } }],
          },
          headers: { authorization: `Bearer ${scim}`, 'content-type': 'application/scim+json' },
        }),
    ],
    [
      'a shorter limit on the settings page',
      visit,
      async ({ sessionId }) => {
        await age('created_at', sessionId, '90 minutes');
        return owner.admin.call('PATCH', '/api/settings', { security: { sessions: { absoluteHours: 1 } } });
      },
    ],
    [
      "the provider's back channel",
      visitByProvider,
      async ({ email }) => {
        const [sub] = email.split('@');
        const iat = Math.floor(Date.now() / 1_000);
        const about = { iss: idp.issuer, aud: 'whisper', sub, iat, exp: iat + 120, jti: randomUUID() };
        const claims = { ...about, events: { [logoutEvent]: {} } };
        const form = { logout_token: await idp.logoutToken(claims) };
        return at(0).send('POST', '/api/sign-in/oidc/back-channel', { form });
      },
    ],
    [
      'the provider, when it is asked again',
      visitByProvider,
      async ({ email, sessionId }) => {
        idp.accounts.delete(email.split('@')[0] ?? '');
        await age('sso_checked_at', sessionId, '6 minutes');
        await platform().identity.recheckSignIns(acme.id);
        return { status: 200 };
      },
    ],
  ];
  const age = (column: 'created_at' | 'authenticated_at' | 'sso_checked_at', sessionId: string, by: string) =>
    database.query(`update ${acme.schema}.session set ${column} = now() - $2::interval where id = $1`, [sessionId, by]);

  it.each(ends)('end a session everywhere within 5 s: %s', async (_case, come, end) => {
    const who = await come();

    const begun = performance.now();
    const answer = (await end(who)) as { readonly status: number };

    expect(answer.status).toBeLessThan(300);
    await until(() => who.socket.closeCode, promisedMs);
    await until(async () => (await who.two.get('/api/me')).status === 401, promisedMs);
    expect(performance.now() - begun).toBeLessThan(promisedMs);
    expect(who.socket.closeCode).toBe(closeCodes.unauthenticated);
    await owner.admin.call('PATCH', '/api/settings', { security: { sessions: { absoluteHours: null } } });
  });

  it('end sessions past a limit that the manifest shortens', async () => {
    const who = await visit();
    await age('created_at', who.sessionId, '90 minutes');

    await describeTenant(folders[0] ?? '', { security: { sessions: { absoluteHours: 1 } } });

    // The folder is read again after a moment, and the job runs soon after.
    await until(() => who.socket.closeCode, 2 * promisedMs);
    expect(who.socket.closeCode).toBe(closeCodes.unauthenticated);
    expect((await who.two.get('/api/me')).status).toBe(401);
    await describeTenant(folders[0] ?? '');
  });

  it('know of another role, and let the tab come back with it', async () => {
    const who = await visit();

    await owner.admin.call('PATCH', `/api/people/${who.id}`, { role: 'admin' });

    await until(() => who.socket.closeCode, promisedMs);
    expect(who.socket.closeCode).toBe(closeCodes.draining);
    expect((await who.two.get('/api/me')).json).toMatchObject({ role: 'admin', mayAdmin: true });
    expect((await LiveSocket.open(who.two)).refused).toBeNull();
  });

  it('know of a proof that the other one was given, and end what has the token of before', async () => {
    const who = await visit('owner');
    const before = at(1);
    before.setCookie('__Host-whisper', who.one.cookie('__Host-whisper') ?? '');
    const proof = { kind: 'password', password };

    expect((await who.one.call('POST', '/api/session/confirm', proof)).status).toBe(200);

    await until(() => who.socket.closeCode, promisedMs);
    expect(who.socket.closeCode).toBe(closeCodes.draining);
    expect(who.socket.all('drain')).toHaveLength(1);
    await until(async () => (await before.get('/api/me')).status === 401, promisedMs);
    expect((await LiveSocket.open(before)).refused).toBe(401);
    who.two.setCookie('__Host-whisper', who.one.cookie('__Host-whisper') ?? '');
    expect((await who.two.get('/api/me')).json).toMatchObject({ sessionId: who.sessionId });
    expect((await LiveSocket.open(who.two)).refused).toBeNull();
  });

  it('ask for a fresh proof alike, and take it from each other', async () => {
    const who = await visit('owner');
    const one = await enterAdmin(who.one);
    const two = at(1, 'admin');
    const share = () => two.setCookie('__Host-whisper-admin', one.cookie('__Host-whisper-admin') ?? '');
    await database.query(`update ${acme.schema}.session set authenticated_at = now() - interval '6 minutes'`);
    share();
    await until(async () => (await two.call('POST', '/api/keys', { name: 'k' })).status === 403, promisedMs);

    await one.call('POST', '/api/session/confirm', { kind: 'password', password });
    share();

    expect((await two.call('POST', '/api/keys', { name: 'k' })).status).toBe(201);
  });

  it('keep to the new limits of a key within 5 s, and count what it has used already', async () => {
    const { admin } = owner;
    const { json } = await admin.call('POST', '/api/keys', { name: 'k', limits: { rpm: 100 } });
    const path = `/api/keys/${(json['key'] as { id: string }).id}`;
    const ask = async (replica: 0 | 1): Promise<Answer> => {
      const body = { model: 'demo/guide', messages: [{ role: 'user', content: 'Hello' }] };
      const headers = { authorization: `Bearer ${String(json['secret'])}` };
      return at(replica).send('POST', '/v1/chat/completions', { body, headers });
    };
    const used = await Promise.all([0, 0, 0, 0, 0, 1, 1, 1, 1, 1].map((replica) => ask(replica === 0 ? 0 : 1)));
    let passed = 0;

    const lowered = await admin.call('PATCH', path, { limits: { rpm: 10 } });
    const refused = await until(async () => {
      const answer = await ask(1);
      if (answer.status !== 200) return answer;
      passed += 1;
      return undefined;
    }, promisedMs);
    const raised = await admin.call('PATCH', path, { limits: { rpm: 1_000 } });
    await until(async () => (await ask(1)).status === 200, promisedMs);
    const ended = await admin.call('PATCH', path, { expiresAt: new Date(Date.now() + 1_500).toISOString() });
    await until(async () => (await ask(1)).status === 401, promisedMs);

    expect(used.map(({ status }) => status)).toEqual(used.map(() => 200));
    // As many would pass if the limit began anew.
    expect(passed).toBeLessThan(10);
    expect([lowered.status, raised.status, ended.status]).toEqual([200, 200, 200]);
    expect(refused.json).toMatchObject({ error: { code: 'rate_limited' } });
    expect(refused.text).toContain('This API key');
  });

  it('take a session for used that is used by its socket alone', async () => {
    const who = await visit();
    const { schema } = acme;
    await database.query(`update ${schema}.session set last_seen_at = now() - interval '6 days' where id = $1`, [
      who.sessionId,
    ]);

    await who.socket.say('Is anybody there?');

    await until(async () => {
      const sql = `select last_seen_at > now() - interval '1 minute' as seen from ${schema}.session where id = $1`;
      return (await database.query<{ seen: boolean }>(sql, [who.sessionId])).rows[0]?.seen;
    });
    expect(who.socket.closeCode).toBeNull();
  });
});
