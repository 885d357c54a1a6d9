import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { NewPasskeyOptions, PasskeyOptions } from '#libs/contracts/passkey-api.js';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import { maxPasskeys } from '#libs/identity/domain/passkey.js';
import { userId } from '#libs/kernel/ids.js';
import { openSecurity, type Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { ssoFingerprint } from '#libs/tenancy/domain/sso-fingerprint.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { type Lies, SoftwareAuthenticator } from '#test/support/software-authenticator.js';
import { oidcProfile } from '#test/support/sso-profiles.js';
import { joinAs, staffPassword, type StaffMember } from '#test/support/staff.js';

const minute = 60_000;
const day = 24 * 60 * minute;

interface Holder extends StaffMember {
  readonly passkey: SoftwareAuthenticator;
}

describe('passkeys', () => {
  let faces: TestFaces;
  let beside: TestFaces;
  let acme: Tenant;
  let globex: Tenant;

  beforeAll(async () => {
    faces = await startFaces();
    beside = await startFaces({ tenantAddresses: 'any', beside: faces });
    [acme, globex] = await Promise.all([faces.database.provision('acme'), faces.database.provision('globex')]);
  });
  afterAll(async () => {
    await beside.close();
    await faces.close();
  });
  beforeEach(async () => {
    faces.clock.shiftMs = 0;
    for (const { id } of [acme, globex])
      await faces.database.sessions.run(id, ({ attempts }) => attempts.expire(new Date(Date.now() + day)));
  });

  const optionsToMake = async (browser: Browser) =>
    NewPasskeyOptions.parse((await browser.call('POST', '/api/me/passkey-options')).json);
  const keep = (browser: Browser, answer: unknown, name = 'Laptop') =>
    browser.call('POST', '/api/me/passkeys', { name, answer });
  const question = async (browser: Browser) =>
    PasskeyOptions.parse((await browser.call('POST', '/api/sign-in/passkey/options')).json);
  const enter = (browser: Browser, answer: unknown) => browser.call('POST', '/api/sign-in/passkey', { answer });
  const codeOf = ({ json }: Answer) => (json['error'] as { code: string } | undefined)?.code;

  /** What the log says of a request that was refused. */
  const refusal = async ({ headers }: Answer, tenant = acme) => {
    const filter = { action: null, outcome: 'refused' as const, cursor: null, limit: 50 };
    const { items } = await faces.database.sessions.run(tenant.id, ({ audit }) =>
      audit.page(filter, systemAbility('owner')),
    );
    return items.find(({ requestId }) => requestId === headers['x-request-id']);
  };

  const holder = async (tenant = acme, lies: Lies = {}): Promise<Holder> => {
    const person = await joinAs(faces, tenant, 'member');
    const passkey = new SoftwareAuthenticator(person.chat.origin);
    const made = await keep(person.chat, passkey.make(await optionsToMake(person.chat), lies));
    expect(made.status).toBe(200);
    return { ...person, passkey };
  };

  it('are made, named, listed and removed by their owner', async () => {
    const { chat, passkey } = await holder();

    const list = async () => (await chat.get('/api/me/passkeys')).json['items'] as Record<string, unknown>[];
    expect(await list()).toEqual([
      expect.objectContaining({ id: passkey.id, name: 'Laptop', host: 'acme.localhost', lastUsedAt: null }),
    ]);
    expect((await chat.call('PATCH', `/api/me/passkeys/${passkey.id}`, { name: 'Old laptop' })).status).toBe(204);
    expect(await list()).toEqual([expect.objectContaining({ name: 'Old laptop' })]);
    expect((await chat.call('DELETE', `/api/me/passkeys/${passkey.id}`)).status).toBe(204);
    expect(await list()).toEqual([]);
    expect((await chat.call('DELETE', `/api/me/passkeys/${passkey.id}`)).status).toBe(404);
  });

  it('sign somebody in alone, without a name or a password, on every replica', async () => {
    const { passkey, email } = await holder();
    const other = beside.chat(acme);
    const answer = new SoftwareAuthenticator(other.origin);
    expect(answer.id).not.toBe(passkey.id);

    const browser = faces.chat(acme);
    const asked = await question(browser);
    const entered = await enter(browser, passkey.answer(asked));

    expect(asked).toMatchObject({ rpId: 'acme.localhost', userVerification: 'required' });
    expect(asked.allowCredentials).toBeUndefined();
    expect(entered.json).toMatchObject({ email });
    expect((await browser.get('/api/me')).json).toMatchObject({ email });
    expect((await browser.get('/api/sessions')).json['items']).toContainEqual(
      expect.objectContaining({ method: 'passkey', current: true }),
    );
    expect((await browser.get('/api/me/passkeys')).json['items']).toEqual([
      expect.objectContaining({ lastUsedAt: expect.any(String) }),
    ]);
  });

  it('answer a question of another replica', async () => {
    const { passkey, email } = await holder();
    const asked = await question(beside.chat(acme));

    const entered = await enter(faces.chat(acme), passkey.answer(asked));

    expect(entered.json).toMatchObject({ email });
  });

  const lies: [string, Lies, RegExp][] = [
    ['of a page of another origin', { origin: 'https://acme.localhost.evil.example' }, /origin/i],
    ['of another scheme', { origin: 'https://acme.localhost' }, /origin/i],
    ['for another site', { rpId: 'globex.localhost' }, /RP ID/i],
    ['for another ceremony', { type: 'webauthn.create' }, /type/i],
    ['without anybody there', { isUserPresent: false }, /present/i],
    ['of a passkey that made sure of nobody', { isUserVerified: false }, /make sure of the person/],
    ['signed by another key', { withOtherKey: true }, /signature/],
    ['whose signature was changed', { spoil: 'signature' }, /signature|sequence|ASN/i],
    ['whose flags were changed', { spoil: 'authenticatorData' }, /signature/],
    ['with a made-up challenge', { challenge: Buffer.from('guess').toString('base64url') }, /question is unknown/],
    ['with no challenge', { challenge: '' }, /question is unknown/],
    ['of an unknown passkey', { credentialId: 'AAAAAAAAAAAAAAAAAAAAAA' }, /unknown passkey/],
    ['from within another page', { crossOrigin: true }, /another page/],
    ['that names another holder', { userHandle: Buffer.alloc(16, 1).toString('base64url') }, /another person/],
  ];

  it.each(lies)('let nobody in by an answer %s', async (_case, lie, reason) => {
    const { passkey } = await holder();
    const browser = faces.chat(acme);

    const answer = await enter(browser, passkey.answer(await question(browser), lie));

    expect(codeOf(answer)).toBe('passkey_failed');
    expect(answer.text).not.toMatch(reason);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect((await refusal(answer))?.reason).toMatch(reason);
  });

  it('let nobody in twice by one answer, nor at the same time', async () => {
    const { passkey } = await holder();
    const answer = passkey.answer(await question(faces.chat(acme)));

    const tries = await Promise.all([1, 2, 3, 4].map((n) => enter((n % 2 ? faces : beside).chat(acme), answer)));

    expect(tries.map(({ status }) => status).sort((one, two) => one - two)).toEqual([200, 401, 401, 401]);
  });

  it('let nobody in when the counter does not go on: the passkey was copied', async () => {
    const { passkey } = await holder();
    const browser = faces.chat(acme);
    expect((await enter(browser, passkey.answer(await question(browser), { counter: 7 }))).status).toBe(200);

    const copied = await enter(faces.chat(acme), passkey.answer(await question(browser), { counter: 7 }));

    expect(codeOf(copied)).toBe('passkey_failed');
    expect((await refusal(copied))?.reason).toMatch(/counter/i);
  });

  it('let nobody in by an answer that took too long', async () => {
    const { passkey } = await holder();
    const answer = passkey.answer(await question(faces.chat(acme)));
    faces.clock.shiftMs = 6 * minute;

    expect(codeOf(await enter(faces.chat(acme), answer))).toBe('passkey_failed');
  });

  it('let nobody in at another organisation, by its own question or by theirs', async () => {
    const { passkey } = await holder();
    const theirs = faces.chat(globex);

    const asked = await question(theirs);
    const tries = [
      await enter(theirs, passkey.answer(await question(faces.chat(acme)), { origin: theirs.origin })),
      await enter(theirs, passkey.answer(asked, { origin: theirs.origin })),
    ];

    expect(tries.map(codeOf)).toEqual(['passkey_failed', 'passkey_failed']);
    expect((await refusal(tries[1]!, globex))?.reason).toMatch(/unknown passkey/);
  });

  it('let nobody in who is disabled', async () => {
    const { passkey, id } = await holder();
    const { admin } = await faces.enter(acme);
    expect((await admin.call('PATCH', `/api/people/${id}`, { state: 'disabled' })).status).toBe(200);

    const browser = faces.chat(acme);
    const tried = await enter(browser, passkey.answer(await question(browser)));

    expect(codeOf(tried)).toBe('passkey_failed');
    expect((await refusal(tried))?.reason).toMatch(/person_disabled/);
  });

  it('let nobody but owners in once the identity provider is required', async () => {
    const sso = oidcProfile({ issuer: 'https://idp.example', required: true });
    const tenant = await faces.database.provision('initech', { sso });
    const { passkey } = await holder(tenant);
    const { chat: owner } = await faces.enter(tenant);
    const owners = new SoftwareAuthenticator(owner.origin);
    await keep(owner, owners.make(await optionsToMake(owner)));
    const proof = ssoFingerprint(sso);
    await faces.database.sessions.run(tenant.id, ({ settings }) => settings.set('sso.proof', proof, 'test'));
    faces.foundation.profiles.invalidate(tenant);

    const browser = faces.chat(tenant);
    const member = await enter(browser, passkey.answer(await question(browser)));
    const boss = await enter(browser, owners.answer(await question(browser)));

    expect(codeOf(member)).toBe('passkey_failed');
    expect((await refusal(member, tenant))?.reason).toBe('passkey: identity_provider_required');
    expect(boss.json).toMatchObject({ role: 'owner' });
  });

  it('give up after too many tries from one address', async () => {
    const { passkey } = await holder();
    const browser = faces.chat(acme);
    const wrong = async () => enter(browser, passkey.answer(await question(browser), { withOtherKey: true }));
    for (let tries = 0; tries < 50; tries += 1) expect(codeOf(await wrong())).toBe('passkey_failed');

    const right = await enter(browser, passkey.answer(await question(browser)));

    expect(codeOf(right)).toBe('sign_in_throttled');
  });

  describe('that are being made', () => {
    const makings: [string, Lies][] = [
      ['on a page of another origin', { origin: 'https://evil.example' }],
      ['for another site', { rpId: 'evil.example' }],
      ['in another ceremony', { type: 'webauthn.get' }],
      ['without anybody there', { isUserPresent: false }],
      ['from within another page', { crossOrigin: true }],
      ['for a made-up challenge', { challenge: Buffer.from('guess').toString('base64url') }],
    ];

    it.each(makings)('are refused %s', async (_case, lie) => {
      const { chat } = await joinAs(faces, acme, 'member');
      const passkey = new SoftwareAuthenticator(chat.origin);

      const answer = await keep(chat, passkey.make(await optionsToMake(chat), lie));

      expect(codeOf(answer)).toBe('passkey_failed');
      expect(await refusal(answer)).toMatchObject({ action: 'passkey.add', reason: expect.stringMatching(/.{5}/) });
      expect((await chat.get('/api/me/passkeys')).json['items']).toEqual([]);
    });

    it('are refused with the question of somebody else, or one to sign in', async () => {
      const one = await joinAs(faces, acme, 'member');
      const two = await joinAs(faces, acme, 'member');
      const passkey = new SoftwareAuthenticator(one.chat.origin);
      const asked = await optionsToMake(one.chat);
      const { challenge } = await question(one.chat);

      const tries = [
        await keep(two.chat, passkey.make(asked)),
        await keep(one.chat, passkey.make({ ...asked, challenge })),
      ];

      expect(tries.map(codeOf)).toEqual(['passkey_failed', 'passkey_failed']);
    });

    it('are kept once', async () => {
      const { chat } = await joinAs(faces, acme, 'member');
      const other = await joinAs(faces, acme, 'member');
      const passkey = new SoftwareAuthenticator(chat.origin);
      const made = passkey.make(await optionsToMake(chat));
      expect((await keep(chat, made)).status).toBe(200);

      const tries = [await keep(chat, made), await keep(other.chat, passkey.make(await optionsToMake(other.chat)))];

      expect(tries.map(codeOf)).toEqual(['passkey_failed', 'passkey_failed']);
      expect((await refusal(tries[1]!))?.reason).toBe('the passkey is here already');
    });

    it('have a limit', async () => {
      const { chat } = await joinAs(faces, acme, 'member');
      const asked = await optionsToMake(chat);
      for (let n = 0; n < maxPasskeys; n += 1)
        await keep(chat, new SoftwareAuthenticator(chat.origin).make(await optionsToMake(chat)));

      const over = new SoftwareAuthenticator(chat.origin).make(asked);
      expect(codeOf(await keep(chat, over))).toBe('conflict');
      expect(codeOf(await chat.call('POST', '/api/me/passkey-options'))).toBe('conflict');
    });
  });

  describe('as a second factor', () => {
    const password = staffPassword;
    const firstStep = async ({ email }: Holder, browser = faces.chat(acme)) => {
      const { json } = await browser.call('POST', '/api/sign-in/password', { email, password });
      return { browser, json, ticket: String(json['ticket']) };
    };
    const askSecond = async (browser: Browser, ticket: string) =>
      PasskeyOptions.parse((await browser.call('POST', '/api/sign-in/second-factor/passkey-options', { ticket })).json);
    const show = (browser: Browser, ticket: string, answer: unknown) =>
      browser.call('POST', '/api/sign-in/second-factor', { ticket, factor: { kind: 'passkey', answer } });

    it('come with recovery codes, and are asked for after the password', async () => {
      const somebody = await joinAs(faces, acme, 'member');
      const passkey = new SoftwareAuthenticator(somebody.chat.origin);
      const made = await keep(somebody.chat, passkey.make(await optionsToMake(somebody.chat)));
      const more = new SoftwareAuthenticator(somebody.chat.origin);
      const second = await keep(somebody.chat, more.make(await optionsToMake(somebody.chat)));

      expect(made.json['recoveryCodes']).toHaveLength(10);
      expect(second.json['recoveryCodes']).toBeNull();
      const { browser, json, ticket } = await firstStep({ ...somebody, passkey });
      expect(json).toMatchObject({ kind: 'second-factor', factors: ['passkey', 'recovery-code'] });
      expect((await browser.get('/api/me')).status).toBe(401);
      const asked = await askSecond(browser, ticket);
      expect(asked.allowCredentials?.map(({ id }) => id).sort()).toEqual([passkey.id, more.id].sort());
      const shown = await show(browser, ticket, passkey.answer(asked));
      expect(shown.json).toMatchObject({ kind: 'signed-in', me: { email: somebody.email } });
      expect((await browser.get('/api/sessions')).json['items']).toContainEqual(
        expect.objectContaining({ current: true, method: 'password', proofs: ['password', 'passkey'] }),
      );
    });

    it('count without having made sure of the person: the password did', async () => {
      const somebody = await holder();
      const { browser, ticket } = await firstStep(somebody);

      const shown = await show(
        browser,
        ticket,
        somebody.passkey.answer(await askSecond(browser, ticket), { isUserVerified: false }),
      );

      expect(shown.status).toBe(200);
    });

    it.each(lies.filter(([, { isUserVerified }]) => isUserVerified === undefined))(
      'open nothing by an answer %s',
      async (_case, lie, reason) => {
        const somebody = await holder();
        const { browser, ticket } = await firstStep(somebody);

        const shown = await show(browser, ticket, somebody.passkey.answer(await askSecond(browser, ticket), lie));

        expect(codeOf(shown)).toBe('passkey_failed');
        expect((await refusal(shown))?.reason).toMatch(reason);
        expect((await browser.get('/api/me')).status).toBe(401);
      },
    );

    it('of somebody else, or asked to sign in alone, open nothing', async () => {
      const [one, two] = [await holder(), await holder()];
      const { browser, ticket } = await firstStep(one);

      const tries = [
        await show(browser, ticket, two.passkey.answer(await askSecond(browser, ticket))),
        await show(browser, ticket, one.passkey.answer(await question(browser))),
        await enter(browser, one.passkey.answer(await askSecond(browser, ticket))),
      ];

      expect(tries.map(codeOf)).toEqual(['passkey_failed', 'passkey_failed', 'passkey_failed']);
    });

    it('are asked of nobody without a ticket', async () => {
      const answer = await faces
        .chat(acme)
        .call('POST', '/api/sign-in/second-factor/passkey-options', { ticket: 'x'.repeat(43) });

      expect(codeOf(answer)).toBe('sign_in_expired');
    });

    it('say where they work, at another host of the organisation', async () => {
      const somebody = await holder();
      await faces.database.sessions.run(acme.id, async ({ passkeys }) => {
        await passkeys.remove(userId(somebody.id), somebody.passkey.id);
        const rest = { publicKey: randomBytes(32), counter: 0, transports: [], isSynced: false, lastUsedAt: null };
        await passkeys.add({
          ...rest,
          id: somebody.passkey.id,
          personId: userId(somebody.id),
          host: 'chat.acme.example',
          name: 'Elsewhere',
          createdAt: new Date(),
        });
      });
      const { browser, ticket, json } = await firstStep(somebody);

      const answer = await browser.call('POST', '/api/sign-in/second-factor/passkey-options', { ticket });

      expect(json['factors']).toEqual(['passkey', 'recovery-code']);
      expect(codeOf(answer)).toBe('conflict');
      expect(answer.text).toContain('Go to chat.acme.example');
    });

    it('take the recovery codes along when the last factor goes', async () => {
      const { chat, passkey } = await holder();
      expect((await chat.get('/api/security')).json['recoveryCodes']).toMatchObject({ left: 10 });

      await chat.call('DELETE', `/api/me/passkeys/${passkey.id}`);

      expect((await chat.get('/api/security')).json['recoveryCodes']).toBeNull();
    });

    it('end when an admin resets the factors', async () => {
      const somebody = await holder();
      const { admin } = await faces.enter(acme);
      expect((await admin.call('DELETE', `/api/people/${somebody.id}/second-factor`)).status).toBe(204);

      expect((await firstStep(somebody)).json).toMatchObject({ kind: 'signed-in' });
      const browser = faces.chat(acme);
      expect(codeOf(await enter(browser, somebody.passkey.answer(await question(browser))))).toBe('passkey_failed');
    });

    it('are made at the door where one is required, and stay the last one', async () => {
      const tenant = await faces.database.provision('umbrella', {
        security: { ...openSecurity, secondFactor: 'required' },
      });
      const { url } = await faces.identity.inviteByCli(tenant, { email: 'eve@umbrella.example', role: 'member' });
      const browser = faces.chat(tenant);
      const asked = await browser.call('POST', '/api/links/use', { token: tokenOf(url), name: 'Eve', password });
      const ticket = String(asked.json['ticket']);
      const passkey = new SoftwareAuthenticator(browser.origin);

      expect(asked.json).toMatchObject({ kind: 'enrol', ways: ['passkey', 'totp'] });
      const begin = await browser.call('POST', '/api/sign-in/enrol/passkey', { ticket });
      const options = NewPasskeyOptions.parse(begin.json);
      const confirm = (answer: unknown) =>
        browser.call('POST', '/api/sign-in/enrol/passkey/confirm', { ticket, name: 'Phone', answer });
      expect(codeOf(await confirm(passkey.make(options, { origin: 'https://evil.example' })))).toBe('passkey_failed');
      expect((await browser.get('/api/me')).status).toBe(401);
      const done = await confirm(passkey.make(options));
      expect(done.json).toMatchObject({ kind: 'signed-in', me: { email: 'eve@umbrella.example' } });
      expect(done.json['recoveryCodes']).toHaveLength(10);
      const removed = await browser.call('DELETE', `/api/me/passkeys/${passkey.id}`);
      expect(codeOf(removed)).toBe('second_factor_required');
      expect((await browser.get('/api/me/passkeys')).json['items']).toHaveLength(1);
    });
  });

  it('are no one else’s to see, rename or remove', async () => {
    const { passkey } = await holder();
    const { chat } = await joinAs(faces, acme, 'member');

    expect((await chat.get('/api/me/passkeys')).json['items']).toEqual([]);
    expect((await chat.call('PATCH', `/api/me/passkeys/${passkey.id}`, { name: 'mine' })).status).toBe(404);
    expect((await chat.call('DELETE', `/api/me/passkeys/${passkey.id}`)).status).toBe(404);
  });
});
