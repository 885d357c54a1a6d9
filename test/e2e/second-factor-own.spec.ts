import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NewPasskeyOptions } from '#libs/contracts/passkey-api.js';
import { RandomIds } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import { openSecurity, type Tenant } from '#libs/tenancy/domain/tenant.js';
import { Authenticator } from '#test/support/authenticator.js';
import type { Browser } from '#test/support/browser.js';
import { codeOf, FactorTrial, password } from '#test/support/factor-trial.js';
import { type TestFaces, tokenOf } from '#test/support/faces.js';
import { setUpApp } from '#test/support/guarded-person.js';
import { SoftwareAuthenticator } from '#test/support/software-authenticator.js';

const ids = new RandomIds();
const minute = 60_000;

describe('second factors of people', () => {
  let trial: FactorTrial;
  let faces: TestFaces;
  let other: TestFaces;
  let acme: Tenant;

  beforeAll(async () => {
    trial = await FactorTrial.open();
    ({ faces, other, acme } = trial);
  });
  afterAll(() => trial.close());
  beforeEach(() => trial.forgive());

  const setRule = (tenant: Tenant, secondFactor: 'required' | 'optional' | null) =>
    faces.enter(tenant).then(({ admin }) => admin.call('PATCH', '/api/settings', { security: { secondFactor } }));

  describe('recovery codes', () => {
    it('are ten, each of 80 bits, and each lets its person in once', async () => {
      const { email, recoveryCodes } = await trial.guarded();
      expect(new Set(recoveryCodes).size).toBe(10);
      for (const code of recoveryCodes) expect(code).toMatch(/^([A-Z2-7]{4}-){3}[A-Z2-7]{4}$/);
      const [code = ''] = recoveryCodes;
      const browser = faces.chat(acme);

      const used = await trial.recover(await trial.ticketOf(email), code.toLowerCase().replaceAll('-', ' '), browser);
      expect(used.status).toBe(200);
      expect((await browser.get('/api/security')).json).toMatchObject({ recoveryCodes: { left: 9 } });
      expect(codeOf(await trial.recover(await trial.ticketOf(email), code, browser))).toBe('second_factor_failed');
      expect(await trial.lastReason()).toBe('second step: wrong_or_used_recovery_code');
    });

    it('let exactly one of many uses at the same time win', async () => {
      const { email, recoveryCodes } = await trial.guarded();
      const tickets = await Promise.all([1, 2, 3, 4].map(() => trial.ticketOf(email)));

      const answers = await Promise.all(
        tickets.map((ticket, n) => trial.recover(ticket, recoveryCodes[0]!, (n % 2 === 0 ? faces : other).chat(acme))),
      );

      expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    });

    it("are no one else's", async () => {
      const [mine, theirs] = [await trial.guarded(), await trial.guarded()];

      expect(codeOf(await trial.recover(await trial.ticketOf(mine.email), theirs.recoveryCodes[0]!))).toBe(
        'second_factor_failed',
      );
    });

    it('end when new ones are made', async () => {
      const { email, browser, recoveryCodes } = await trial.guarded();
      const { json } = await browser.call('POST', '/api/security/recovery-codes');
      const [fresh = ''] = json['recoveryCodes'] as string[];

      expect(codeOf(await trial.recover(await trial.ticketOf(email), recoveryCodes[0]!))).toBe('second_factor_failed');
      expect((await trial.recover(await trial.ticketOf(email), fresh)).status).toBe(200);
    });

    it('are not offered once all are used, and none are there without a factor', async () => {
      const { email, recoveryCodes } = await trial.guarded();
      for (const code of recoveryCodes) await trial.recover(await trial.ticketOf(email), code);
      expect((await trial.signIn(email)).json).toMatchObject({ factors: ['totp'] });

      const { browser } = await trial.join();
      expect(codeOf(await browser.call('POST', '/api/security/recovery-codes'))).toBe('conflict');
    });
  });

  describe('the own account', () => {
    it('shows what there is, and nothing of the secret', async () => {
      const { browser } = await trial.join();
      expect((await browser.get('/api/security')).json).toEqual({
        hasPassword: true,
        secondFactor: 'optional',
        totp: null,
        recoveryCodes: null,
      });

      await setUpApp(browser, trial.now);
      expect((await browser.get('/api/security')).json).toEqual({
        hasPassword: true,
        secondFactor: 'optional',
        totp: { createdAt: expect.any(String) },
        recoveryCodes: { left: 10, createdAt: expect.any(String) },
      });
    });

    it('sets nothing up before the first code, and keeps a set-up to its person and its time', async () => {
      const [mine, theirs] = [await trial.join(), await trial.join()];
      const begin = async (browser: Browser) => (await browser.call('POST', '/api/security/totp')).json;
      const confirm = (browser: Browser, setup: unknown, code: string) =>
        browser.call('POST', '/api/security/totp/confirm', { setup, code });
      const { setup, secret } = await begin(mine.browser);
      const app = new Authenticator(String(secret));

      expect((await trial.signIn(mine.email)).json['kind']).toBe('signed-in');
      expect(codeOf(await confirm(mine.browser, setup, app.wrongCode(trial.now())))).toBe('second_factor_failed');
      expect(codeOf(await confirm(theirs.browser, setup, app.code(trial.now())))).toBe('conflict');
      expect(codeOf(await confirm(mine.browser, 'v1.nonsense', app.code(trial.now())))).toBe('conflict');
      trial.pass(10 * minute);
      await mine.browser.call('POST', '/api/session/confirm', { kind: 'password', password });
      expect(codeOf(await confirm(mine.browser, setup, app.code(trial.now())))).toBe('conflict');
      expect((await mine.browser.get('/api/security')).json['totp']).toBeNull();
    });

    it('replaces an app by another, whose codes alone count from then on, and keeps the recovery codes', async () => {
      const { email, browser, app, recoveryCodes } = await trial.guarded();
      const next = await setUpApp(browser, trial.now);
      trial.pass();

      expect(next.recoveryCodes).toEqual([]);
      expect(codeOf(await trial.show(await trial.ticketOf(email), app.code(trial.now())))).toBe('second_factor_failed');
      expect((await trial.show(await trial.ticketOf(email), next.app.code(trial.now()))).status).toBe(200);
      expect((await trial.recover(await trial.ticketOf(email), recoveryCodes[0]!)).status).toBe(200);
    });

    it('removes the app, and the recovery codes with it', async () => {
      const { email, browser } = await trial.guarded();

      expect((await browser.call('DELETE', '/api/security/totp')).status).toBe(204);
      expect((await browser.get('/api/security')).json).toMatchObject({ totp: null, recoveryCodes: null });
      expect((await trial.signIn(email)).json['kind']).toBe('signed-in');
      expect(codeOf(await browser.call('DELETE', '/api/security/totp'))).toBe('not_found');
      expect((await trial.events('totp.remove')).length).toBeGreaterThan(0);
    });

    it('ends all other sessions at once, and this one stays', async () => {
      const { email, browser, id } = await trial.join();
      const away = faces.chat(acme);
      await trial.signIn(email, { browser: away });
      const stranger = await trial.join();

      expect((await browser.call('DELETE', '/api/sessions')).json).toEqual({ ended: 1 });
      expect((await away.get('/api/me')).status).toBe(401);
      expect((await browser.get('/api/me')).status).toBe(200);
      expect((await stranger.browser.get('/api/me')).status).toBe(200);
      expect((await trial.events('session.revoke-others'))[0]).toMatchObject({ target: id });
    });

    it('shows with what a session was opened', async () => {
      const { email, app } = await trial.guarded();
      const browser = faces.chat(acme);
      await trial.show(await trial.ticketOf(email), app.code(trial.now()), browser);

      const items = (await browser.get('/api/sessions')).json['items'] as Record<string, unknown>[];
      expect(items.find(({ current }) => current === true)).toMatchObject({ proofs: ['password', 'totp'] });
    });
  });

  describe('where the organisation requires one', () => {
    let strict: Tenant;
    beforeAll(async () => {
      strict = await faces.database.provision('strict', { security: { ...openSecurity, secondFactor: 'required' } });
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
      expect(codeOf(await confirm(browser, ticket, setup['setup'], app.wrongCode(trial.now())))).toBe(
        'second_factor_failed',
      );
      expect((await browser.get('/api/me')).status).toBe(401);
      const done = await confirm(browser, ticket, setup['setup'], app.code(trial.now()));
      expect(done.json).toMatchObject({ kind: 'signed-in', recoveryCodes: expect.any(Array) });
      expect(done.json['recoveryCodes']).toHaveLength(10);
      expect((await browser.get('/api/me')).status).toBe(200);

      trial.pass();
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
          confirm(browser, json['ticket'], setups[n]!.json['setup'], apps[n]!.code(trial.now())),
        ),
      );

      expect(answers.map((answer) => codeOf(answer) ?? 'in').sort()).toEqual(['in', 'sign_in_expired']);
    });

    it('takes no enrolment for a factor that is there, and no factor for an enrolment', async () => {
      const { browser, email } = await trial.guarded();
      const ticket = await trial.ticketOf(email);
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

      expect((await setRule(tenant, 'required')).json['security']).toMatchObject({
        secondFactor: { value: 'required', source: 'setting' },
      });
      expect((await browser.get('/api/me')).status).toBe(200);
      const again = await faces
        .chat(tenant)
        .call('POST', '/api/sign-in/password', { email: 'ada@setting.example', password });
      expect(again.json['kind']).toBe('enrol');
    });

    it('cannot be changed where the manifest says so', async () => {
      const manifest = await faces.database.provision('manifest', {
        security: { ...openSecurity, secondFactor: 'optional' },
      });

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
      const { email, browser, id, app } = await trial.guarded();
      const ticket = await trial.ticketOf(email);
      const { admin } = await faces.enter(acme);
      expect(await shown(admin, email)).toMatchObject({ secondFactor: true });

      expect((await reset(admin, id)).status).toBe(204);
      expect((await browser.get('/api/me')).status).toBe(401);
      expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
      expect((await trial.signIn(email)).json['kind']).toBe('signed-in');
      expect(await shown(admin, email)).toMatchObject({ secondFactor: false });
      expect((await trial.events('second-factor.reset'))[0]).toMatchObject({ target: id, outcome: 'success' });
    });

    it('are passkeys, too, which count as a second factor to whoever looks after people', async () => {
      const { email, browser, id } = await trial.join();
      const device = new SoftwareAuthenticator(browser.origin);
      const { json } = await browser.call('POST', '/api/me/passkey-options');
      const answer = device.make(NewPasskeyOptions.parse(json));
      expect((await browser.call('POST', '/api/me/passkeys', { name: 'Laptop', answer })).status).toBe(200);
      const { admin } = await faces.enter(acme);
      expect(await shown(admin, email)).toMatchObject({ secondFactor: true });

      expect((await reset(admin, id)).status).toBe(204);
      expect(await shown(admin, email)).toMatchObject({ secondFactor: false });
      const left = await faces.database.sessions.run(acme.id, ({ passkeys }) => passkeys.ofPerson(id));
      expect(left).toEqual([]);
    });

    it('are never those of somebody with more rights, nor one’s own here', async () => {
      const boss = await trial.guarded(acme, 'owner');
      const staff = await trial.join(acme, 'admin');
      const admin = await trial.adminOf(staff.browser);

      expect(codeOf(await reset(admin, boss.id))).toBe('forbidden');
      expect(codeOf(await reset(admin, staff.id))).toBe('conflict');
      expect((await boss.browser.get('/api/security')).json['totp']).not.toBeNull();
    });

    it('are hidden from a role that may not see who has one', async () => {
      const { email } = await trial.guarded();
      const { admin } = await faces.enter(acme);
      const role = await admin.call('POST', '/api/roles', {
        name: ids.next(),
        rights: [{ subject: 'person', actions: ['read'], fields: ['email'] }],
      });
      const clerk = await trial.join(acme, role.json['ref'] as Role);
      const theirs = await trial.adminOf(clerk.browser);

      expect(await shown(theirs, email)).toMatchObject({ email, secondFactor: null });
    });

    it('end open sockets also where the process that took them away could tell nobody', async () => {
      const { email, browser } = await trial.guarded();
      const { json } = await browser.get('/api/me');
      const ended: string[] = [];
      faces.identity.sessionAuthenticator.onRevoked((id) => ended.push(id));

      await other.identity.resetFactorsByCli(acme, email);
      await faces.identity.expireSignIns(acme.id);

      expect(ended).toContain(json['sessionId']);
    });

    it('are taken away on the command line: the last owner’s way back', async () => {
      const { email, id } = await trial.guarded(acme, 'owner');
      await faces.identity.resetFactorsByCli(acme, email.toUpperCase());

      expect((await trial.signIn(email)).json['kind']).toBe('signed-in');
      expect((await trial.events('second-factor.reset'))[0]).toMatchObject({
        target: id,
        actor: { name: 'command line' },
      });
      await expect(faces.identity.resetFactorsByCli(acme, 'nobody@acme.example')).rejects.toMatchObject({
        code: 'not_found',
      });
    });
  });
});
