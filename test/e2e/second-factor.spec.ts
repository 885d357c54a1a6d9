import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { RandomIds } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { Authenticator } from '#test/support/authenticator.js';
import { type Browser, meOf } from '#test/support/browser.js';
import { codeOf, FactorTrial, password, stepMs } from '#test/support/factor-trial.js';
import { type TestFaces, tokenOf } from '#test/support/faces.js';
import { setUpApp } from '#test/support/guarded-person.js';

const ids = new RandomIds();
const minute = 60_000;

describe('the second step of a sign-in', () => {
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

  it('comes after the password, and opens the session only when it is done', async () => {
    const { email, app, id } = await trial.guarded();
    const browser = faces.chat(acme);

    const first = await trial.signIn(email, { browser });
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

    const second = await trial.show(String(first.json['ticket']), app.code(trial.now()), browser);
    expect(meOf(second)).toMatchObject({ userId: id, email });
    expect((await browser.get('/api/me')).status).toBe(200);
    const [session] = await faces.database.sessions.run(acme.id, (stores) => stores.signInSessions.ofPerson(id));
    expect(session).toMatchObject({ method: 'password', proofs: ['password', 'totp'] });
  });

  it('takes the code of the step before and after, and none further away', async () => {
    const { email, app } = await trial.guarded();
    trial.pass(4 * stepMs);
    const at = (steps: number) => app.code(new Date(trial.now().getTime() + steps * stepMs));

    expect(codeOf(await trial.show(await trial.ticketOf(email), at(-2)))).toBe('second_factor_failed');
    expect(codeOf(await trial.show(await trial.ticketOf(email), at(2)))).toBe('second_factor_failed');
    expect((await trial.show(await trial.ticketOf(email), at(-1))).status).toBe(200);
    expect((await trial.show(await trial.ticketOf(email), at(1))).status).toBe(200);
  });

  it('takes a code with spaces in it, as an app shows it', async () => {
    const { email, app } = await trial.guarded();
    const code = app.code(trial.now());

    expect((await trial.show(await trial.ticketOf(email), ` ${code.slice(0, 3)} ${code.slice(3)} `)).status).toBe(200);
  });

  it.each([
    ['wrong', 'second_factor_failed', 'second step: wrong_or_used_totp'],
    ['of the app of somebody else', 'second_factor_failed', 'second step: wrong_or_used_totp'],
    ['empty', 'second_factor_failed', 'second step: wrong_or_used_totp'],
  ])('refuses a code that is %s', async (kind, code, reason) => {
    const [mine, theirs] = [await trial.guarded(), await trial.guarded()];
    const given =
      kind === 'wrong' ? mine.app.wrongCode(trial.now()) : kind === 'empty' ? '' : theirs.app.code(trial.now());

    expect(codeOf(await trial.show(await trial.ticketOf(mine.email), given))).toBe(code);
    expect(await trial.lastReason()).toBe(reason);
  });

  it('takes a step once, also at another replica', async () => {
    const { email, app } = await trial.guarded();
    const code = app.code(trial.now());

    expect((await trial.show(await trial.ticketOf(email), code)).status).toBe(200);
    expect(codeOf(await trial.show(await trial.ticketOf(email), code))).toBe('second_factor_failed');
    expect(codeOf(await trial.show(await trial.ticketOf(email), code, other.chat(acme)))).toBe('second_factor_failed');
  });

  it('does not take the code again with which the app was set up', async () => {
    const { email, browser } = await trial.join();
    const { app } = await setUpApp(browser, trial.now);

    expect(codeOf(await trial.show(await trial.ticketOf(email), app.code(trial.now())))).toBe('second_factor_failed');
  });

  it('goes on at another replica', async () => {
    const { email, app } = await trial.guarded();
    const browser = other.chat(acme);

    expect((await trial.show(await trial.ticketOf(email), app.code(trial.now()), browser)).status).toBe(200);
    expect((await browser.get('/api/me')).status).toBe(200);
  });

  it.each([['one ticket'], ['two tickets']])('lets exactly one of many uses of a code win, with %s', async (kind) => {
    const { email, app } = await trial.guarded();
    const tickets = [await trial.ticketOf(email), await trial.ticketOf(email)];
    const code = app.code(trial.now());

    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, n) =>
        trial.show(tickets[kind === 'one ticket' ? 0 : n % 2]!, code, (n % 2 === 0 ? faces : other).chat(acme)),
      ),
    );

    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  });

  it('ends with the session: the ticket works once', async () => {
    const { email, app } = await trial.guarded();
    const ticket = await trial.ticketOf(email);
    await trial.show(ticket, app.code(trial.now()));
    trial.pass();

    expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
  });

  it('ends after five wrong codes, also when the sixth is right', async () => {
    const { email, app } = await trial.guarded();
    const ticket = await trial.ticketOf(email);
    const wrong = await Promise.all(Array.from({ length: 5 }, () => trial.show(ticket, app.wrongCode(trial.now()))));

    expect(wrong.map(codeOf)).toEqual(Array.from({ length: 5 }, () => 'second_factor_failed'));
    expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
    expect((await trial.show(await trial.ticketOf(email), app.code(trial.now()))).status).toBe(200);
  });

  it('is throttled for the account, and no right password forgives wrong codes', async () => {
    const { email, app } = await trial.guarded();
    for (let n = 0; n < 2; n += 1) {
      const ticket = await trial.ticketOf(email);
      for (let i = 0; i < 5; i += 1) await trial.show(ticket, app.wrongCode(trial.now()));
    }

    const answer = await trial.show(await trial.ticketOf(email), app.code(trial.now()));
    expect(codeOf(answer)).toBe('sign_in_throttled');
    expect((answer.json['error'] as { retryAt?: string }).retryAt ?? answer.headers['retry-after']).toBeDefined();
    trial.pass(15 * minute);
    expect((await trial.show(await trial.ticketOf(email), app.code(trial.now()))).status).toBe(200);
  });

  it('ends after ten minutes', async () => {
    const { email, app } = await trial.guarded();
    const ticket = await trial.ticketOf(email);
    trial.pass(10 * minute);

    expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
  });

  it.each([
    ['a ticket of another organisation', 'theirs'],
    ['a ticket of nobody', 'x'.repeat(43)],
  ])('refuses %s, and tells them not apart', async (_case, kind) => {
    const { app } = await trial.guarded();
    const theirs = await trial.guarded(trial.globex);
    const foreign = await trial.signIn(theirs.email, { browser: faces.chat(trial.globex) });
    const ticket = kind === 'theirs' ? String(foreign.json['ticket']) : kind;

    const answer = await trial.show(ticket, app.code(trial.now()));
    expect({ ...(answer.json['error'] as object), requestId: '' }).toMatchObject({
      code: 'sign_in_expired',
      message: 'This sign-in has run out.',
    });
    expect(await trial.lastReason()).toBe('second step: unknown_expired_or_out_of_tries');
  });

  it('ends when the person is disabled meanwhile, for good', async () => {
    const { email, app, id } = await trial.guarded();
    const ticket = await trial.ticketOf(email);
    const { admin } = await faces.enter(acme);
    await admin.call('PATCH', `/api/people/${id}`, { state: 'disabled' });

    expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
    await admin.call('PATCH', `/api/people/${id}`, { state: 'active' });
    expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
  });

  it('ends when somebody is disabled behind the back of every other check', async () => {
    const { email, app, id } = await trial.guarded();
    const ticket = await trial.ticketOf(email);
    await faces.database.sessions.run(acme.id, async ({ people }) => {
      const person = await people.lock(id);
      await people.save({ ...person!, state: 'disabled' });
    });

    expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
    expect(await trial.lastReason()).toBe('second step: person_disabled_or_password_changed');
  });

  it('ends when the password is changed meanwhile', async () => {
    const { email, app, browser } = await trial.guarded();
    const ticket = await trial.ticketOf(email);
    await browser.call('PUT', '/api/me/password', { current: password, password: 'another long password' });

    expect(codeOf(await trial.show(ticket, app.code(trial.now())))).toBe('sign_in_expired');
  });

  it('tells the account nothing that a password alone does not', async () => {
    const { email } = await trial.guarded();

    expect(await trial.signIn(email, { given: 'wrong password!' })).toMatchObject({ status: 401 });
    expect(codeOf(await trial.signIn(email, { given: 'wrong password!' }))).toBe('sign_in_failed');
  });

  it('is asked for after an owner link and after a reset link', async () => {
    const { email, app, id } = await trial.guarded();
    const { admin } = await faces.enter(acme);
    const { json } = await admin.call('POST', `/api/people/${id}/reset-link`);
    const reset = await faces.chat(acme).call('POST', '/api/links/use', {
      token: tokenOf(String(json['url'])),
      password: 'another long password',
    });
    expect(reset.json).toMatchObject({ kind: 'second-factor', factors: ['totp', 'recovery-code'] });
    expect((await trial.show(String(reset.json['ticket']), app.code(trial.now()))).status).toBe(200);
    expect((await trial.signIn(email, { given: 'another long password' })).json['kind']).toBe('second-factor');

    const lone = await faces.database.provision(`lone-${ids.next().slice(-8)}`);
    const owner = faces.chat(lone);
    const link = async (browser: Browser) =>
      browser.call('POST', '/api/links/use', { token: tokenOf((await faces.identity.issueOwnerLink(lone)).url) });
    await link(owner);
    const guard = await setUpApp(owner, trial.now);
    trial.pass();
    const again = await link(faces.chat(lone));
    expect(again.json['kind']).toBe('second-factor');
    const entered = await trial.show(String(again.json['ticket']), guard.app.code(trial.now()), faces.chat(lone));
    expect(meOf(entered)).toMatchObject({ role: 'owner' });
  });

  it('is written to the audit log, first step and second', async () => {
    const { email, app, id } = await trial.guarded();
    await trial.show(await trial.ticketOf(email), app.code(trial.now()));

    expect((await trial.events('sign-in.begin'))[0]).toMatchObject({
      target: id,
      reason: 'password: a second factor is asked for',
      outcome: 'success',
    });
    expect(await trial.lastReason()).toBe('chat: password, totp');
  });

  it('leaves nothing secret in the database', async () => {
    const { email, browser } = await trial.join();
    const { json } = await browser.call('POST', '/api/security/totp');
    const secret = String(json['secret']);
    const code = new Authenticator(secret).code(trial.now());
    const confirmed = await browser.call('POST', '/api/security/totp/confirm', { setup: json['setup'], code });
    const ticket = await trial.ticketOf(email);
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
