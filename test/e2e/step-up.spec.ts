import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NewPasskeyOptions, PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { endpoints } from '#libs/contracts/endpoints.js';
import type { Endpoint } from '#libs/contracts/endpoint.js';
import { freshMs } from '#libs/identity/domain/step-up.js';
import { RandomIds } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { setUpApp } from '#test/support/guarded-person.js';
import { SoftwareAuthenticator } from '#test/support/software-authenticator.js';
import { joinAs } from '#test/support/staff.js';
import { password } from '#test/support/two-organisations.js';

const ids = new RandomIds();
const nowhere = '00000000-0000-7000-8000-000000000000';
const draft = { type: 'oidc', oidc: { issuer: 'https://idp.example', clientId: 'whisper' } };
const errorOf = ({ json }: Answer) => (json['error'] ?? {}) as Record<string, unknown>;
const itemsOf = ({ json }: Answer) => json['items'] as Record<string, unknown>[];

const passkeyAnswer = {
  id: 'aaaa',
  rawId: 'aaaa',
  type: 'public-key',
  response: { clientDataJSON: 'aaaa', attestationObject: 'aaaa' },
};

/** Bodies that pass the contract, and are about what is dangerous. */
const bodies: Readonly<Record<string, () => unknown>> = {
  changePerson: () => ({ state: 'disabled' }),
  invite: () => ({ email: `${ids.next()}@acme.example`, role: 'admin' }),
  createKey: () => ({ name: 'k' }),
  changeSettings: () => ({ security: { sessions: { idleMinutes: 600 } } }),
  saveSso: () => ({ draft, testId: nowhere }),
  createRole: () => ({ name: ids.next(), rights: [] }),
  changeRole: () => ({ name: ids.next(), rights: [], version: 1 }),
  changeGroup: () => ({ role: null }),
  createScimToken: () => ({ name: 't' }),
  addPasskey: () => ({ name: 'Key', answer: passkeyAnswer }),
  confirmApp: () => ({ setup: 'v1.nonsense', code: '000000' }),
  changePassword: () => ({ password: 'another long password' }),
};

/** What changes something and takes no fresh proof, and why. A new endpoint has to be in one list or the other. */
const quick: Readonly<Record<string, string>> = {
  signOut: 'ends something',
  leaveAdmin: 'ends something',
  revokeSession: 'ends something',
  signOutPerson: 'ends something',
  revokeInvitation: 'ends something',
  revokeKey: 'ends something',
  revokeScimToken: 'ends something',
  deleteRole: 'ends something',
  confirmSession: 'is the proof',
  confirmAdmin: 'is the proof',
  askToConfirm: 'asks for the proof',
  askAdminToConfirm: 'asks for the proof',
  revokeOtherSessions: 'ends something',
  openAdmin: 'carries the age of the proof along',
  renamePasskey: 'changes a name alone',
  checkSso: 'changes nothing',
  testSso: 'opens no session',
  useBackend: 'is about models',
  changeConversation: 'is about chats',
  deleteConversation: 'is about chats',
  restoreConversation: 'is about chats',
  sendTurn: 'is about chats',
  stopGeneration: 'is about chats',
  rateMessage: 'is about chats',
};

const changing = [...endpoints].filter(
  ([, { access, face, method }]) => access === 'session' && face !== 'router' && method !== 'GET',
);
const dangerous = changing.flatMap(([name, endpoint]) => (endpoint.stepUp === undefined ? [] : [{ name, endpoint }]));

describe('a proof of who one is', () => {
  let faces: TestFaces;
  let acme: Tenant;
  let chat: Browser;
  let admin: Browser;

  beforeAll(async () => {
    faces = await startFaces();
    acme = await faces.database.provision('acme');
    ({ chat, admin } = await faces.enter(acme));
    // Ends the other sessions of the person, the one of the admin pages too.
    await chat.call('PUT', '/api/me/password', { password });
    const { json } = await chat.call('POST', '/api/admin-handover');
    await admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });
  });
  afterAll(() => faces.close());
  beforeEach(() => {
    faces.clock.shiftMs = 0;
  });

  const later = () => {
    faces.clock.shiftMs += freshMs + 1_000;
  };
  const confirm = (browser: Browser, secret = password) =>
    browser.call('POST', '/api/session/confirm', { kind: 'password', password: secret });
  const call = ({ face, method, path }: Endpoint, name: string, by: { chat: Browser; admin: Browser }) =>
    by[face === 'admin' ? 'admin' : 'chat'].call(method, path.replace(/:(id|name)/, nowhere), bodies[name]?.());
  const events = async (action: string) =>
    itemsOf(await admin.get(`/api/audit?action=${action}&limit=50`)).map(({ outcome, reason }) => [outcome, reason]);

  it('is asked for by every endpoint that is dangerous: each one that changes something says which it is', () => {
    expect(dangerous.length).toBeGreaterThan(10);
    const undecided = changing.filter(([name, { stepUp }]) => (stepUp === undefined) === !(name in quick));

    expect(undecided.map(([name]) => name)).toEqual([]);
    expect(Object.keys(quick).filter((name) => !endpoints.has(name))).toEqual([]);
  });

  it.each(dangerous)('that is older than five minutes is not enough for $name', async ({ name, endpoint }) => {
    // Somebody without a password, whose first one is dangerous.
    const by = name === 'changePassword' ? await faces.enter(await faces.database.provision(`p${Date.now()}`)) : null;
    later();

    const answer = await call(endpoint, name, by ?? { chat, admin });

    expect([answer.status, errorOf(answer)['code']]).toEqual([403, 'step_up_required']);
    expect(errorOf(answer)['ways']).toEqual(by === null ? ['password'] : []);
  });

  it.each(dangerous)('that is fresh is enough for $name', async ({ name, endpoint }) => {
    const other = await joinAs(faces, acme, 'owner', 'fresh');
    later();
    for (const browser of [other.chat, other.admin]) expect((await confirm(browser)).status).toBe(200);

    const answer = await call(endpoint, name, other);

    expect(['step_up_required', 'unauthenticated', 'forbidden']).not.toContain(errorOf(answer)['code']);
  });

  it.each([
    ['to look', (by: Browser) => by.get('/api/people')],
    ['to greet otherwise', (by: Browser) => by.call('PATCH', '/api/settings', { branding: { greeting: 'Hi' } })],
    [
      'to invite a member',
      (by: Browser) => by.call('POST', '/api/invitations', { email: 'm@a.example', role: 'member' }),
    ],
    ['to end sessions', (by: Browser) => by.call('DELETE', '/api/keys/aaaaaaaaaa')],
  ])('is not needed %s', async (_case, act) => {
    later();

    expect(errorOf(await act(admin))['code']).not.toBe('step_up_required');
  });

  it('is carried from the chat to the admin pages with its age', async () => {
    const one = await joinAs(faces, acme, 'owner', 'carrier');
    later();
    const { json } = await one.chat.call('POST', '/api/admin-handover');
    await one.admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });

    expect(errorOf(await one.admin.call('POST', '/api/keys', { name: 'k' }))['code']).toBe('step_up_required');
  });

  it('is not carried from a session that has ended meanwhile', async () => {
    const one = await joinAs(faces, acme, 'owner', 'leaver');
    const { json } = await one.chat.call('POST', '/api/admin-handover');
    await one.chat.call('POST', '/api/sign-out');

    const answer = await one.admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });

    expect([answer.status, errorOf(answer)['code']]).toEqual([410, 'link_invalid']);
  });

  describe('given anew', () => {
    it.each(['chat', 'admin'] as const)(
      'gives the session of the %s another token, and ends the one before',
      async (face) => {
        const one = (await joinAs(faces, acme, 'owner', 'renewer'))[face];
        const cookie = face === 'chat' ? '__Host-whisper' : '__Host-whisper-admin';
        const before = one.cookie(cookie) ?? '';
        later();

        const answer = await confirm(one);

        expect(answer.status).toBe(200);
        expect(one.cookie(cookie)).not.toBe(before);
        expect((await one.get('/api/me')).json).toMatchObject({ sessionId: answer.json['sessionId'] });
        const old = face === 'chat' ? faces.chat(acme) : faces.admin(acme);
        old.setCookie(cookie, before);
        expect((await old.get('/api/me')).status).toBe(401);
      },
    );

    it('does not make the session last longer', async () => {
      const { admin: one } = await joinAs(faces, acme, 'owner', 'laster');
      faces.clock.shiftMs = 60 * 60_000;

      const answer = await confirm(one);

      const [given] = [answer.headers['set-cookie']].flat();
      const left = Number(/Max-Age=(\d+)/.exec(given ?? '')?.[1]);
      expect(Math.abs(left - 11 * 3_600)).toBeLessThan(60);
    });

    it('is told of in the audit log, right or wrong', async () => {
      const one = await joinAs(faces, acme, 'owner', 'logged');

      const wrong = await confirm(one.admin, 'a wrong password!');
      await confirm(one.admin);

      expect([wrong.status, errorOf(wrong)['code']]).toEqual([401, 'sign_in_failed']);
      expect(await events('session.confirm')).toEqual(
        expect.arrayContaining([
          ['refused', 'wrong_password'],
          ['success', 'admin: password'],
        ]),
      );
    });

    it('answers somebody without a password as it answers a wrong one', async () => {
      const { chat: one } = await faces.enter(await faces.database.provision('without'));
      const wrong = await confirm(chat, 'a wrong password!');

      const none = await confirm(one);

      expect({ ...errorOf(none), requestId: '' }).toEqual({ ...errorOf(wrong), requestId: '' });
    });

    it('takes ten tries, as a sign-in does', async () => {
      const one = await joinAs(faces, acme, 'member', 'guesser');
      for (let tries = 0; tries < 10; tries += 1) await confirm(one.chat, `wrong password ${tries}`);

      const answer = await confirm(one.chat);

      expect([answer.status, errorOf(answer)['code']]).toEqual([429, 'sign_in_throttled']);
    });

    describe('with a second factor', () => {
      const askPasskey = async (browser: Browser) =>
        PasskeyOptions.parse((await browser.call('POST', '/api/session/confirm/passkey-options')).json);
      const show = (browser: Browser, proof: unknown) => browser.call('POST', '/api/session/confirm', proof);
      const waysOf = async (browser: Browser) =>
        errorOf(await browser.call('POST', '/api/keys', { name: 'k' }))['ways'];

      it('takes a code of the app, once, and no password any more', async () => {
        const one = await joinAs(faces, acme, 'owner', 'app');
        const { app } = await setUpApp(one.chat);
        later();
        const code = app.code(faces.clock.now());

        expect(await waysOf(one.admin)).toEqual(['totp']);
        expect(errorOf(await confirm(one.admin))['code']).toBe('sign_in_failed');
        const wrong = await show(one.admin, { kind: 'totp', code: app.wrongCode(faces.clock.now()) });
        expect(errorOf(wrong)['code']).toBe('second_factor_failed');
        expect((await show(one.admin, { kind: 'totp', code })).status).toBe(200);
        expect((await one.admin.call('POST', '/api/keys', { name: 'k' })).status).toBe(201);
        expect(errorOf(await show(one.chat, { kind: 'totp', code }))['code']).toBe('second_factor_failed');
        expect(await events('session.confirm')).toEqual(
          expect.arrayContaining([
            ['refused', 'wrong_or_used_totp'],
            ['success', 'admin: totp'],
          ]),
        );
      });

      it('takes a passkey on both faces, asked for this alone', async () => {
        const one = await joinAs(faces, acme, 'owner', 'key');
        const passkey = new SoftwareAuthenticator(one.chat.origin);
        const { json } = await one.chat.call('POST', '/api/me/passkey-options');
        const made = { name: 'Key', answer: passkey.make(NewPasskeyOptions.parse(json)) };
        expect((await one.chat.call('POST', '/api/me/passkeys', made)).status).toBe(200);
        later();
        expect(await waysOf(one.admin)).toEqual(['passkey']);

        const toSignIn = PasskeyOptions.parse((await one.chat.call('POST', '/api/sign-in/passkey/options')).json);
        const wrong = await show(one.chat, { kind: 'passkey', answer: passkey.answer(toSignIn) });
        const elsewhere = { origin: 'https://admin.evil.example' };
        const framed = await show(one.admin, {
          kind: 'passkey',
          answer: passkey.answer(await askPasskey(one.admin), elsewhere),
        });
        const answer = passkey.answer(await askPasskey(one.admin), { origin: one.admin.origin });
        const right = await show(one.admin, { kind: 'passkey', answer });
        const again = await show(one.chat, { kind: 'passkey', answer });

        expect([wrong, framed, again].map((one) => errorOf(one)['code'])).toEqual(Array(3).fill('passkey_failed'));
        expect(right.status).toBe(200);
        expect((await one.admin.call('POST', '/api/keys', { name: 'k' })).status).toBe(201);
      });

      it('takes nobody else’s passkey', async () => {
        const [one, two] = [await joinAs(faces, acme, 'owner', 'a'), await joinAs(faces, acme, 'owner', 'b')];
        const keys = [];
        for (const { chat: by } of [one, two]) {
          const passkey = new SoftwareAuthenticator(by.origin);
          const { json } = await by.call('POST', '/api/me/passkey-options');
          await by.call('POST', '/api/me/passkeys', {
            name: 'Key',
            answer: passkey.make(NewPasskeyOptions.parse(json)),
          });
          keys.push(passkey);
        }
        later();

        const answer = keys[1]!.answer(await askPasskey(one.chat));

        expect(errorOf(await show(one.chat, { kind: 'passkey', answer }))['code']).toBe('passkey_failed');
      });
    });

    it('is refused after the person was disabled', async () => {
      const one = await joinAs(faces, acme, 'member', 'gone');
      await confirm(admin);
      await admin.call('PATCH', `/api/people/${one.id}`, { state: 'disabled' });

      expect((await confirm(one.chat)).status).toBe(401);
    });
  });

  it('lets somebody who came by a link set a first password within five minutes', async () => {
    const { chat: one } = await faces.enter(await faces.database.provision('first'));

    expect((await one.call('PUT', '/api/me/password', { password })).status).toBe(204);
  });
});
