import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import type { AuditEvent } from '#libs/governance/domain/audit-event.js';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import { RandomIds, userId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { Authenticator } from '#test/support/authenticator.js';
import { type Answer, type Browser, meOf } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { setUpApp } from '#test/support/guarded-person.js';

const password = 'a long enough password';
const ids = new RandomIds();
const stepMs = 30_000;
const minute = 60_000;
const codeOf = ({ json }: Answer) => (json['error'] as { code?: string } | undefined)?.code ?? null;

describe('second factors', () => {
  let faces: TestFaces;
  let other: TestFaces;
  let acme: Tenant;
  let globex: Tenant;

  beforeAll(async () => {
    faces = await startFaces();
    other = await startFaces({ tenantAddresses: 'any', beside: faces });
    [acme, globex] = await Promise.all([faces.database.provision('acme'), faces.database.provision('globex')]);
  });
  afterAll(async () => {
    await other.close();
    await faces.close();
  });
  beforeEach(async () => {
    await faces.database.sessions.run(acme.id, ({ attempts }) => attempts.expire(new Date(Date.now() + 1e9)));
  });

  const now = () => faces.clock.now();
  /** Time goes on, so that the next code is another one. */
  const pass = (ms = stepMs) => {
    faces.clock.shiftMs += ms;
    other.clock.shiftMs = faces.clock.shiftMs;
  };
  const events = async (tenant: Tenant, action: string): Promise<readonly AuditEvent[]> => {
    const filter = { action, outcome: null, cursor: null, limit: 50 };
    return (await faces.database.sessions.run(tenant.id, ({ audit }) => audit.page(filter, systemAbility('owner'))))
      .items;
  };
  const lastReason = async () => (await events(acme, 'session.create'))[0]?.reason;
  const join = async (tenant = acme, role: Role = 'member') => {
    const email = `p-${ids.next()}@${tenant.slug}.example`;
    const { url } = await faces.identity.inviteByCli(tenant, { email, role });
    const browser = faces.chat(tenant);
    const answer = await browser.call('POST', '/api/links/use', { token: tokenOf(url), name: 'Ada', password });
    return { email, browser, id: userId(String(meOf(answer)['userId'])) };
  };
  /** Somebody with an authenticator app, whose next code was not used. */
  const guarded = async (tenant = acme, role: Role = 'member') => {
    const person = await join(tenant, role);
    const guard = await setUpApp(person.browser, now);
    pass();
    return { ...person, ...guard };
  };
  const signIn = (email: string, { browser = faces.chat(acme), given = password } = {}) =>
    browser.call('POST', '/api/sign-in/password', { email, password: given });
  const ticketOf = async (email: string) => String((await signIn(email)).json['ticket']);
  const show = (ticket: string, code: string, browser = faces.chat(acme), kind = 'totp') =>
    browser.call('POST', '/api/sign-in/second-factor', { ticket, factor: { kind, code } });
  const setRule = (tenant: Tenant, secondFactor: 'required' | 'optional' | null) =>
    faces.enter(tenant).then(({ admin }) => admin.call('PATCH', '/api/settings', { security: { secondFactor } }));

  describe('the second step', () => {
    it('comes after the password, and opens the session only when it is done', async () => {
      const { email, app, id } = await guarded();
      const browser = faces.chat(acme);

      const first = await signIn(email, { browser });
      expect(first).toMatchObject({
        status: 200,
        json: {
          kind: 'second-factor',
          ticket: expect.stringMatching(/^[\w-]{43}$/),
          factors: ['totp', 'recovery-code'],
          expiresAt: expect.any(String),
        },
      });
      expect(first.headers['set-cookie']).toBeUndefined();
      expect((await browser.get('/api/me')).status).toBe(401);

      const second = await show(String(first.json['ticket']), app.code(now()), browser);
      expect(meOf(second)).toMatchObject({ userId: id, email });
      expect((await browser.get('/api/me')).status).toBe(200);
      const [session] = await faces.database.sessions.run(acme.id, (stores) => stores.signInSessions.ofPerson(id));
      expect(session).toMatchObject({ method: 'password', proofs: ['password', 'totp'] });
    });

    it('takes the code of the step before and after, and none further away', async () => {
      const { email, app } = await guarded();
      pass(4 * stepMs);
      const at = (steps: number) => app.code(new Date(now().getTime() + steps * stepMs));

      expect(codeOf(await show(await ticketOf(email), at(-2)))).toBe('second_factor_failed');
      expect(codeOf(await show(await ticketOf(email), at(2)))).toBe('second_factor_failed');
      expect((await show(await ticketOf(email), at(-1))).status).toBe(200);
      expect((await show(await ticketOf(email), at(1))).status).toBe(200);
    });

    it('takes a code with spaces in it, as an app shows it', async () => {
      const { email, app } = await guarded();
      const code = app.code(now());

      expect((await show(await ticketOf(email), ` ${code.slice(0, 3)} ${code.slice(3)} `)).status).toBe(200);
    });

    it.each([
      ['wrong', 'second_factor_failed', 'second step: wrong_or_used_totp'],
      ['of the app of somebody else', 'second_factor_failed', 'second step: wrong_or_used_totp'],
      ['empty', 'second_factor_failed', 'second step: wrong_or_used_totp'],
    ])('refuses a code that is %s', async (kind, code, reason) => {
      const [mine, theirs] = [await guarded(), await guarded()];
      const given = kind === 'wrong' ? mine.app.wrongCode(now()) : kind === 'empty' ? '' : theirs.app.code(now());

      expect(codeOf(await show(await ticketOf(mine.email), given))).toBe(code);
      expect(await lastReason()).toBe(reason);
    });

    it('takes a step once, also at another replica', async () => {
      const { email, app } = await guarded();
      const code = app.code(now());

      expect((await show(await ticketOf(email), code)).status).toBe(200);
      expect(codeOf(await show(await ticketOf(email), code))).toBe('second_factor_failed');
      expect(codeOf(await show(await ticketOf(email), code, other.chat(acme)))).toBe('second_factor_failed');
    });

    it('does not take the code again with which the app was set up', async () => {
      const { email, browser } = await join();
      const { app } = await setUpApp(browser, now);

      expect(codeOf(await show(await ticketOf(email), app.code(now())))).toBe('second_factor_failed');
    });

    it('goes on at another replica', async () => {
      const { email, app } = await guarded();
      const browser = other.chat(acme);

      expect((await show(await ticketOf(email), app.code(now()), browser)).status).toBe(200);
      expect((await browser.get('/api/me')).status).toBe(200);
    });

    it.each([['one ticket'], ['two tickets']])('lets exactly one of many uses of a code win, with %s', async (kind) => {
      const { email, app } = await guarded();
      const tickets = [await ticketOf(email), await ticketOf(email)];
      const code = app.code(now());

      const answers = await Promise.all(
        Array.from({ length: 4 }, (_, n) =>
          show(tickets[kind === 'one ticket' ? 0 : n % 2]!, code, (n % 2 === 0 ? faces : other).chat(acme)),
        ),
      );

      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it('ends with the session: the ticket works once', async () => {
      const { email, app } = await guarded();
      const ticket = await ticketOf(email);
      await show(ticket, app.code(now()));
      pass();

      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
    });

    it('ends after five wrong codes, also when the sixth is right', async () => {
      const { email, app } = await guarded();
      const ticket = await ticketOf(email);
      const wrong = await Promise.all(Array.from({ length: 5 }, () => show(ticket, app.wrongCode(now()))));

      expect(wrong.map(codeOf)).toEqual(Array.from({ length: 5 }, () => 'second_factor_failed'));
      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
      expect((await show(await ticketOf(email), app.code(now()))).status).toBe(200);
    });

    it('is throttled for the account, and no right password forgives wrong codes', async () => {
      const { email, app } = await guarded();
      for (let n = 0; n < 2; n += 1) {
        const ticket = await ticketOf(email);
        for (let i = 0; i < 5; i += 1) await show(ticket, app.wrongCode(now()));
      }

      const answer = await show(await ticketOf(email), app.code(now()));
      expect(codeOf(answer)).toBe('sign_in_throttled');
      expect((answer.json['error'] as { retryAt?: string }).retryAt ?? answer.headers['retry-after']).toBeDefined();
      pass(15 * minute);
      expect((await show(await ticketOf(email), app.code(now()))).status).toBe(200);
    });

    it('ends after ten minutes', async () => {
      const { email, app } = await guarded();
      const ticket = await ticketOf(email);
      pass(10 * minute);

      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
    });

    it.each([
      ['a ticket of another organisation', 'theirs'],
      ['a ticket of nobody', 'x'.repeat(43)],
    ])('refuses %s, and tells them not apart', async (_case, kind) => {
      const { app } = await guarded();
      const theirs = await guarded(globex);
      const foreign = await signIn(theirs.email, { browser: faces.chat(globex) });
      const ticket = kind === 'theirs' ? String(foreign.json['ticket']) : kind;

      const answer = await show(ticket, app.code(now()));
      expect({ ...(answer.json['error'] as object), requestId: '' }).toMatchObject({
        code: 'sign_in_expired',
        message: 'This sign-in has run out.',
      });
      expect(await lastReason()).toBe('second step: unknown_expired_or_out_of_tries');
    });

    it('ends when the person is disabled meanwhile, for good', async () => {
      const { email, app, id } = await guarded();
      const ticket = await ticketOf(email);
      const { admin } = await faces.enter(acme);
      await admin.call('PATCH', `/api/people/${id}`, { state: 'disabled' });

      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
      await admin.call('PATCH', `/api/people/${id}`, { state: 'active' });
      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
    });

    it('ends when somebody is disabled behind the back of every other check', async () => {
      const { email, app, id } = await guarded();
      const ticket = await ticketOf(email);
      await faces.database.sessions.run(acme.id, async ({ people }) => {
        const person = await people.lock(id);
        await people.save({ ...person!, state: 'disabled' });
      });

      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
      expect(await lastReason()).toBe('second step: person_disabled_or_password_changed');
    });

    it('ends when the password is changed meanwhile', async () => {
      const { email, app, browser } = await guarded();
      const ticket = await ticketOf(email);
      await browser.call('PUT', '/api/me/password', { current: password, password: 'another long password' });

      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
    });

    it('tells the account nothing that a password alone does not', async () => {
      const { email } = await guarded();

      expect(await signIn(email, { given: 'wrong password!' })).toMatchObject({ status: 401 });
      expect(codeOf(await signIn(email, { given: 'wrong password!' }))).toBe('sign_in_failed');
    });

    it('is asked for after an owner link and after a reset link', async () => {
      const { email, app, id } = await guarded();
      const { admin } = await faces.enter(acme);
      const { json } = await admin.call('POST', `/api/people/${id}/reset-link`);
      const reset = await faces.chat(acme).call('POST', '/api/links/use', {
        token: tokenOf(String(json['url'])),
        password: 'another long password',
      });
      expect(reset.json).toMatchObject({ kind: 'second-factor', factors: ['totp', 'recovery-code'] });
      expect((await show(String(reset.json['ticket']), app.code(now()))).status).toBe(200);
      expect((await signIn(email, { given: 'another long password' })).json['kind']).toBe('second-factor');

      const lone = await faces.database.provision(`lone-${ids.next().slice(-8)}`);
      const owner = faces.chat(lone);
      const link = async (browser: Browser) =>
        browser.call('POST', '/api/links/use', { token: tokenOf((await faces.identity.issueOwnerLink(lone)).url) });
      await link(owner);
      const guard = await setUpApp(owner, now);
      pass();
      const again = await link(faces.chat(lone));
      expect(again.json['kind']).toBe('second-factor');
      const entered = await show(String(again.json['ticket']), guard.app.code(now()), faces.chat(lone));
      expect(meOf(entered)).toMatchObject({ role: 'owner' });
    });

    it('is written to the audit log, first step and second', async () => {
      const { email, app, id } = await guarded();
      await show(await ticketOf(email), app.code(now()));

      expect((await events(acme, 'sign-in.begin'))[0]).toMatchObject({
        target: id,
        reason: 'password: a second factor is asked for',
        outcome: 'success',
      });
      expect(await lastReason()).toBe('chat: password, totp');
    });

    it('leaves nothing secret in the database', async () => {
      const { email, browser } = await join();
      const { json } = await browser.call('POST', '/api/security/totp');
      const secret = String(json['secret']);
      const code = new Authenticator(secret).code(now());
      const confirmed = await browser.call('POST', '/api/security/totp/confirm', { setup: json['setup'], code });
      const ticket = await ticketOf(email);
      const client = new pg.Client({ connectionString: faces.database.adminUrl });
      await client.connect();
      const rows: unknown[] = [];
      for (const table of ['totp_factor', 'recovery_code', 'sign_in_ticket', 'audit_event', 'setting'])
        rows.push((await client.query(`select t::text from ${acme.schema}.${table} t`)).rows);
      await client.end();

      const text = JSON.stringify(rows);
      expect(text).toContain('v1.');
      for (const needle of [secret, ticket, ...(confirmed.json['recoveryCodes'] as string[])])
        for (const form of [needle, needle.replaceAll('-', '')]) expect(text).not.toContain(form);
    });
  });

  describe('recovery codes', () => {
    const typed = 'recovery-code';

    it('are ten, each of 80 bits, and each lets its person in once', async () => {
      const { email, recoveryCodes } = await guarded();
      expect(new Set(recoveryCodes).size).toBe(10);
      for (const code of recoveryCodes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
      const [code = ''] = recoveryCodes;
      const browser = faces.chat(acme);

      const used = await show(await ticketOf(email), code.toLowerCase().replaceAll('-', ' '), browser, typed);
      expect(used.status).toBe(200);
      expect((await browser.get('/api/security')).json).toMatchObject({ recoveryCodes: { left: 9 } });
      expect(codeOf(await show(await ticketOf(email), code, browser, typed))).toBe('second_factor_failed');
      expect(await lastReason()).toBe('second step: wrong_or_used_recovery_code');
    });

    it('let exactly one of many uses at the same time win', async () => {
      const { email, recoveryCodes } = await guarded();
      const tickets = await Promise.all([1, 2, 3, 4].map(() => ticketOf(email)));

      const answers = await Promise.all(
        tickets.map((ticket, n) => show(ticket, recoveryCodes[0]!, (n % 2 === 0 ? faces : other).chat(acme), typed)),
      );

      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it("are no one else's", async () => {
      const [mine, theirs] = [await guarded(), await guarded()];

      expect(codeOf(await show(await ticketOf(mine.email), theirs.recoveryCodes[0]!, undefined, typed))).toBe(
        'second_factor_failed',
      );
    });

    it('end when new ones are made', async () => {
      const { email, browser, recoveryCodes } = await guarded();
      const { json } = await browser.call('POST', '/api/security/recovery-codes');
      const [fresh = ''] = json['recoveryCodes'] as string[];

      expect(codeOf(await show(await ticketOf(email), recoveryCodes[0]!, undefined, typed))).toBe(
        'second_factor_failed',
      );
      expect((await show(await ticketOf(email), fresh, undefined, typed)).status).toBe(200);
    });

    it('are not offered once all are used, and none are there without a factor', async () => {
      const { email, recoveryCodes } = await guarded();
      for (const code of recoveryCodes) await show(await ticketOf(email), code, undefined, typed);
      expect((await signIn(email)).json).toMatchObject({ factors: ['totp'] });

      const { browser } = await join();
      expect(codeOf(await browser.call('POST', '/api/security/recovery-codes'))).toBe('conflict');
    });
  });

  describe('the own account', () => {
    it('shows what there is, and nothing of the secret', async () => {
      const { browser } = await join();
      expect((await browser.get('/api/security')).json).toEqual({
        hasPassword: true,
        secondFactor: 'optional',
        totp: null,
        recoveryCodes: null,
      });

      await setUpApp(browser, now);
      expect((await browser.get('/api/security')).json).toEqual({
        hasPassword: true,
        secondFactor: 'optional',
        totp: { createdAt: expect.any(String) },
        recoveryCodes: { left: 10, createdAt: expect.any(String) },
      });
    });

    it('sets nothing up before the first code, and keeps a set-up to its person and its time', async () => {
      const [mine, theirs] = [await join(), await join()];
      const begin = async (browser: Browser) => (await browser.call('POST', '/api/security/totp')).json;
      const confirm = (browser: Browser, setup: unknown, code: string) =>
        browser.call('POST', '/api/security/totp/confirm', { setup, code });
      const { setup, secret } = await begin(mine.browser);
      const app = new Authenticator(String(secret));

      expect((await signIn(mine.email)).json['kind']).toBe('signed-in');
      expect(codeOf(await confirm(mine.browser, setup, app.wrongCode(now())))).toBe('second_factor_failed');
      expect(codeOf(await confirm(theirs.browser, setup, app.code(now())))).toBe('conflict');
      expect(codeOf(await confirm(mine.browser, 'v1.nonsense', app.code(now())))).toBe('conflict');
      pass(10 * minute);
      expect(codeOf(await confirm(mine.browser, setup, app.code(now())))).toBe('conflict');
      expect((await mine.browser.get('/api/security')).json['totp']).toBeNull();
    });

    it('replaces an app by another, whose codes alone count from then on, and keeps the recovery codes', async () => {
      const { email, browser, app, recoveryCodes } = await guarded();
      const next = await setUpApp(browser, now);
      pass();

      expect(next.recoveryCodes).toEqual([]);
      expect(codeOf(await show(await ticketOf(email), app.code(now())))).toBe('second_factor_failed');
      expect((await show(await ticketOf(email), next.app.code(now()))).status).toBe(200);
      expect((await show(await ticketOf(email), recoveryCodes[0]!, undefined, 'recovery-code')).status).toBe(200);
    });

    it('removes the app, and the recovery codes with it', async () => {
      const { email, browser } = await guarded();

      expect((await browser.call('DELETE', '/api/security/totp')).status).toBe(204);
      expect((await browser.get('/api/security')).json).toMatchObject({ totp: null, recoveryCodes: null });
      expect((await signIn(email)).json['kind']).toBe('signed-in');
      expect(codeOf(await browser.call('DELETE', '/api/security/totp'))).toBe('not_found');
      expect((await events(acme, 'totp.remove')).length).toBeGreaterThan(0);
    });

    it('ends all other sessions at once, and this one stays', async () => {
      const { email, browser, id } = await join();
      const away = faces.chat(acme);
      await signIn(email, { browser: away });
      const stranger = await join();

      expect((await browser.call('POST', '/api/sessions/end-others')).json).toEqual({ ended: 1 });
      expect((await away.get('/api/me')).status).toBe(401);
      expect((await browser.get('/api/me')).status).toBe(200);
      expect((await stranger.browser.get('/api/me')).status).toBe(200);
      expect((await events(acme, 'session.revoke-others'))[0]).toMatchObject({ target: id });
    });

    it('shows with what a session was opened', async () => {
      const { email, app } = await guarded();
      const browser = faces.chat(acme);
      await show(await ticketOf(email), app.code(now()), browser);

      const items = (await browser.get('/api/sessions')).json['items'] as Record<string, unknown>[];
      expect(items.find(({ current }) => current === true)).toMatchObject({ proofs: ['password', 'totp'] });
    });
  });

  describe('where the organisation requires one', () => {
    let strict: Tenant;
    beforeAll(async () => {
      strict = await faces.database.provision('strict', { security: { secondFactor: 'required' } });
    });

    const invite = async (role: Role = 'member') => {
      const email = `p-${ids.next()}@strict.example`;
      const { url } = await faces.identity.inviteByCli(strict, { email, role });
      const browser = faces.chat(strict);
      const first = await browser.call('POST', '/api/links/use', { token: tokenOf(url), name: 'Ada', password });
      return { email, browser, first };
    };
    const begin = (browser: Browser, ticket: unknown) => browser.call('POST', '/api/sign-in/enrol/totp', { ticket });
    const confirm = (browser: Browser, ticket: unknown, setup: unknown, code: string) =>
      browser.call('POST', '/api/sign-in/enrol/totp/confirm', { ticket, setup, code });

    it('has a person set it up before the session opens, and gives recovery codes', async () => {
      const { browser, first } = await invite();
      expect(first.json).toMatchObject({ kind: 'enrol', ways: ['passkey', 'totp'] });
      expect((await browser.get('/api/me')).status).toBe(401);
      const { ticket } = first.json;

      const { json: setup } = await begin(browser, ticket);
      const app = new Authenticator(String(setup['secret']));
      expect(codeOf(await confirm(browser, ticket, setup['setup'], app.wrongCode(now())))).toBe('second_factor_failed');
      expect((await browser.get('/api/me')).status).toBe(401);
      const done = await confirm(browser, ticket, setup['setup'], app.code(now()));
      expect(done.json).toMatchObject({ kind: 'signed-in', recoveryCodes: expect.any(Array) });
      expect(done.json['recoveryCodes']).toHaveLength(10);
      expect((await browser.get('/api/me')).status).toBe(200);

      pass();
      expect(codeOf(await browser.call('DELETE', '/api/security/totp'))).toBe('second_factor_required');
      expect(codeOf(await begin(browser, ticket))).toBe('sign_in_expired');
    });

    it('leaves nothing half-made behind when somebody goes away', async () => {
      const { email, browser, first } = await invite();
      await begin(browser, first.json['ticket']);

      const again = await faces.chat(strict).call('POST', '/api/sign-in/password', { email, password });
      expect(again.json).toMatchObject({ kind: 'enrol', ways: ['passkey', 'totp'] });
    });

    it('puts no second app in the place of one that was set up meanwhile', async () => {
      const { email, browser, first } = await invite();
      const late = await faces.chat(strict).call('POST', '/api/sign-in/password', { email, password });
      const setups = [await begin(browser, first.json['ticket']), await begin(browser, late.json['ticket'])];
      const apps = setups.map(({ json }) => new Authenticator(String(json['secret'])));

      const answers = await Promise.all(
        [first, late].map(({ json }, n) =>
          confirm(browser, json['ticket'], setups[n]!.json['setup'], apps[n]!.code(now())),
        ),
      );

      expect(answers.map((answer) => codeOf(answer) ?? 'in').sort()).toEqual(['in', 'sign_in_expired']);
    });

    it('takes no enrolment for a factor that is there, and no factor for an enrolment', async () => {
      const { browser, email } = await guarded();
      const ticket = await ticketOf(email);
      const { first } = await invite();

      expect(codeOf(await browser.call('POST', '/api/sign-in/enrol/totp', { ticket }))).toBe('sign_in_expired');
      const given = { ticket: first.json['ticket'], factor: { kind: 'totp', code: '000000' } };
      expect(codeOf(await faces.chat(strict).call('POST', '/api/sign-in/second-factor', given))).toBe(
        'sign_in_expired',
      );
    });

    it('holds for owners by a link, too', async () => {
      const { url } = await faces.identity.issueOwnerLink(strict);

      const answer = await faces.chat(strict).call('POST', '/api/links/use', { token: tokenOf(url) });
      expect(answer.json['kind']).toBe('enrol');
    });

    it('is an admin’s setting where the manifest is silent: sessions of before stay until they end', async () => {
      const tenant = await faces.database.provision('setting');
      const { url } = await faces.identity.inviteByCli(tenant, { email: 'ada@setting.example', role: 'member' });
      const browser = faces.chat(tenant);
      await browser.call('POST', '/api/links/use', { token: tokenOf(url), name: 'Ada', password });

      expect((await setRule(tenant, 'required')).json['security']).toEqual({
        secondFactor: { value: 'required', source: 'setting' },
      });
      expect((await browser.get('/api/me')).status).toBe(200);
      const again = await faces
        .chat(tenant)
        .call('POST', '/api/sign-in/password', { email: 'ada@setting.example', password });
      expect(again.json['kind']).toBe('enrol');
    });

    it('cannot be changed where the manifest says so', async () => {
      const manifest = await faces.database.provision('manifest', { security: { secondFactor: 'optional' } });

      const answer = await setRule(manifest, 'required');
      expect(answer.json['error']).toMatchObject({ code: 'managed_by_manifest', field: 'security.secondFactor' });
    });
  });

  describe('lost factors', () => {
    const reset = (admin: Browser, id: string) => admin.call('DELETE', `/api/people/${id}/second-factor`);
    const shown = async (admin: Browser, email: string) => {
      const { json } = await admin.get(`/api/people?search=${encodeURIComponent(email)}`);
      return (json['items'] as Record<string, unknown>[])[0];
    };

    it('are taken away by an admin: sessions and waiting sign-ins end', async () => {
      const { email, browser, id, app } = await guarded();
      const ticket = await ticketOf(email);
      const { admin } = await faces.enter(acme);
      expect(await shown(admin, email)).toMatchObject({ secondFactor: true });

      expect((await reset(admin, id)).status).toBe(204);
      expect((await browser.get('/api/me')).status).toBe(401);
      expect(codeOf(await show(ticket, app.code(now())))).toBe('sign_in_expired');
      expect((await signIn(email)).json['kind']).toBe('signed-in');
      expect(await shown(admin, email)).toMatchObject({ secondFactor: false });
      expect((await events(acme, 'second-factor.reset'))[0]).toMatchObject({ target: id, outcome: 'success' });
    });

    it('are never those of somebody with more rights, nor one’s own here', async () => {
      const boss = await guarded(acme, 'owner');
      const staff = await join(acme, 'admin');
      const admin = faces.admin(acme);
      const { json } = await staff.browser.call('POST', '/api/admin-handover');
      await admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });

      expect(codeOf(await reset(admin, boss.id))).toBe('forbidden');
      expect(codeOf(await reset(admin, staff.id))).toBe('conflict');
      expect((await boss.browser.get('/api/security')).json['totp']).not.toBeNull();
    });

    it('are hidden from a role that may not see who has one', async () => {
      const { email } = await guarded();
      const { admin } = await faces.enter(acme);
      const role = await admin.call('POST', '/api/roles', {
        name: ids.next(),
        rights: [{ subject: 'person', actions: ['read'], fields: ['email'] }],
      });
      const clerk = await join(acme, role.json['ref'] as Role);
      const theirs = faces.admin(acme);
      const { json } = await clerk.browser.call('POST', '/api/admin-handover');
      await theirs.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });

      expect(await shown(theirs, email)).toMatchObject({ email, secondFactor: null });
    });

    it('are taken away on the command line: the last owner’s way back', async () => {
      const { email, id } = await guarded(acme, 'owner');
      await faces.identity.resetFactorsByCli(acme, email.toUpperCase());

      expect((await signIn(email)).json['kind']).toBe('signed-in');
      expect((await events(acme, 'second-factor.reset'))[0]).toMatchObject({
        target: id,
        actor: { name: 'command line' },
      });
      await expect(faces.identity.resetFactorsByCli(acme, 'nobody@acme.example')).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });
});
