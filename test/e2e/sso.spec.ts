import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { JWTPayload } from 'jose';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { Browser, meOf } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';
import { oidcProfile } from '#test/support/sso-profiles.js';

const secret = 'client secret of the test';

describe('signing in through an identity provider', () => {
  let faces: TestFaces;
  let idp: TestIdp;
  let acme: Tenant;
  let broken: Tenant;
  let next = 0;

  const profile = (change: Partial<OidcProfile> = {}): OidcProfile =>
    oidcProfile({
      issuer: idp.issuer,
      clientSecretRef: { name: 'idp', key: 'value' },
      scopes: ['openid', 'email', 'profile', 'groups'],
      groupRoles: [
        { group: 'it', role: 'admin' },
        { group: 'finance', role: 'billing' },
        { group: 'board', role: 'owner' },
      ],
      ...change,
    });

  beforeAll(async () => {
    [faces, idp] = await Promise.all([startFaces(), startOidcIdp()]);
    acme = await faces.database.provision('acme', { sso: profile() });
    broken = await faces.database.provision('broken', { sso: profile({ issuer: 'http://127.0.0.1:9' }) });
    const callback = (host: string) => `http://${host}:${faces.port}/api/sign-in/oidc/callback`;
    idp.serve([
      { clientId: 'whisper', secret, redirectUris: [callback('acme.localhost'), callback('globex.localhost')] },
    ]);
    faces.secrets.set('acme/idp/value', secret).set('broken/idp/value', secret);
  });
  afterAll(async () => {
    await faces.close();
    await idp.close();
  });

  const account = (change: object = {}) => {
    const sub = `sub-${(next += 1)}`;
    idp.accounts.set(sub, { sub, email: `${sub}@acme.example`, name: `Person ${sub}`, ...change });
    return sub;
  };
  /** The address the provider sends the browser back to. */
  const comeBack = async (browser: Browser, sub: string, returnTo = '/'): Promise<string> => {
    const start = await browser.get(`/api/sign-in/sso?returnTo=${encodeURIComponent(returnTo)}`);
    expect(start.status).toBe(302);
    return idp.passThrough(browser, start.location ?? '', sub);
  };
  const signIn = async (sub: string, browser = faces.chat(acme), returnTo = '/') => ({
    browser,
    answer: await browser.get(await comeBack(browser, sub, returnTo)),
  });
  const lastReason = async (): Promise<string | null> => {
    const filter = { action: 'session.create', outcome: 'refused' as const, cursor: null, limit: 1 };
    return faces.database.sessions.run(
      acme.id,
      async ({ audit }) => (await audit.page(filter, systemAbility('owner'))).items[0]?.reason ?? null,
    );
  };
  /** It failed, told the user nothing, and the audit log why. */
  const refused = async (answer: { status: number; json: Readonly<Record<string, unknown>> }, reason: RegExp) => {
    expect(answer.status).toBe(401);
    expect(answer.json).toEqual({
      error: {
        code: 'sso_failed',
        message: 'The sign-in at your identity provider was not accepted.',
        action: expect.any(String),
        requestId: expect.any(String),
        retryable: false,
      },
    });
    expect(await lastReason()).toMatch(reason);
  };

  it('makes a person of the first sign-in, and knows them at the next', async () => {
    const sub = account({ groups: ['sales', 'it'] });

    const { browser, answer } = await signIn(sub, undefined, '/c/1?x=2');
    expect(answer).toMatchObject({ status: 302, location: '/c/1?x=2' });
    const me = await browser.get('/api/me');
    expect(me.json).toMatchObject({
      email: `${sub}@acme.example`,
      name: `Person ${sub}`,
      role: 'admin',
      hasPassword: false,
    });
    const again = await signIn(sub);
    expect((await again.browser.get('/api/me')).json['userId']).toBe(me.json['userId']);
  });

  it('sends PKCE, state and nonce, and keeps none of them in the browser', async () => {
    const browser = faces.chat(acme);
    const start = await browser.get('/api/sign-in/sso');
    const sent = new URL(start.location ?? '').searchParams;

    expect(sent.get('code_challenge_method')).toBe('S256');
    for (const name of ['code_challenge', 'state', 'nonce']) expect(sent.get(name)?.length).toBeGreaterThanOrEqual(43);
    expect(sent.get('redirect_uri')).toBe(`http://acme.localhost:${faces.port}/api/sign-in/oidc/callback`);
    expect(String(start.headers['set-cookie'])).toMatch(
      /^__Host-whisper-sso=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(String(start.headers['set-cookie'])).not.toContain(sent.get('state') ?? '-');
  });

  it.each(['https://evil.example/', '//evil.example', '/\\evil.example', '/\t/evil.example'])(
    'never returns to %j',
    async (returnTo) => {
      expect((await signIn(account(), undefined, returnTo)).answer.location).toBe('/');
    },
  );

  it('takes a way back once', async () => {
    const browser = faces.chat(acme);
    const back = await comeBack(browser, account());
    const cookie = browser.cookie('__Host-whisper-sso')!;

    expect((await browser.get(back)).status).toBe(302);
    browser.setCookie('__Host-whisper-sso', cookie);
    await refused(await browser.get(back), /request_unknown/);
  });

  it('takes a way back from the browser that left only', async () => {
    const victim = faces.chat(acme);
    await victim.get('/api/sign-in/sso');
    const attacker = faces.chat(acme);
    const back = await comeBack(attacker, account());

    await refused(await victim.get(back), /another_browser/);
    await refused(await faces.chat(acme).get(back), /another_browser/);
    expect((await attacker.get(back)).status).toBe(302);
  });

  it('refuses another state, a missing one, a doubled code and another issuer', async () => {
    const change = (back: string, edit: (query: URLSearchParams) => void) => {
      const url = new URL(back);
      edit(url.searchParams);
      return url.href;
    };
    const attempt = async (edit: (query: URLSearchParams) => void) => {
      const browser = faces.chat(acme);
      return browser.get(change(await comeBack(browser, account()), edit));
    };

    await refused(await attempt((query) => query.set('state', 'x'.repeat(43))), /request_unknown/);
    await refused(await attempt((query) => query.delete('state')), /request_unknown/);
    await refused(await attempt((query) => query.append('code', 'second')), /sso: /);
    await refused(await attempt((query) => query.set('iss', 'https://evil.example')), /iss/);
    await refused(await attempt((query) => query.delete('iss')), /iss/);
    await refused(await attempt((query) => query.set('code', 'guessed')), /invalid_grant/);
    await refused(await attempt((query) => query.delete('code')), /sso: /);
  });

  it.each([
    [
      'another nonce',
      { claims: (claims: JWTPayload) => ({ ...claims, nonce: 'other' }), withOtherKey: false },
      /nonce/i,
    ],
    ['no nonce', { claims: ({ nonce: _gone, ...claims }: JWTPayload) => claims, withOtherKey: false }, /nonce/i],
    [
      'another audience',
      { claims: (claims: JWTPayload) => ({ ...claims, aud: 'other' }), withOtherKey: false },
      /aud/i,
    ],
    [
      'another issuer',
      { claims: (claims: JWTPayload) => ({ ...claims, iss: 'https://evil.example' }), withOtherKey: false },
      /iss/i,
    ],
    [
      'an end in the past',
      { claims: (claims: JWTPayload) => ({ ...claims, exp: 1_000 }), withOtherKey: false },
      /exp|time|JWT/i,
    ],
    ['a signature by another key', { claims: (claims: JWTPayload) => claims, withOtherKey: true }, /signature/i],
  ])('refuses an ID token with %s', async (_case, forge, reason) => {
    const browser = faces.chat(acme);
    const back = await comeBack(browser, account());
    idp.forge = forge;

    const answer = await browser.get(back);

    idp.forge = null;
    await refused(answer, reason);
    expect(browser.cookie('__Host-whisper')).toBeNull();
  });

  it('takes an ID token that was signed anew by the right key, so that the refusals above mean something', async () => {
    idp.forge = { claims: (claims) => claims, withOtherKey: false };

    const { answer } = await signIn(account());

    idp.forge = null;
    expect(answer.status).toBe(302);
  });

  it('takes no way back of another tenant, even with the same provider and client', async () => {
    const globex = await faces.database.provision('globex', { sso: profile({ clientSecretRef: null }) });
    const browser = faces.chat(acme);
    const back = new URL(await comeBack(browser, account()));
    back.hostname = 'globex.localhost';
    const elsewhere = faces.chat(globex);
    elsewhere.setCookie('__Host-whisper-sso', browser.cookie('__Host-whisper-sso')!);

    expect((await elsewhere.get(back.href)).json).toMatchObject({ error: { code: 'sso_failed' } });
  });

  it('shows a person who navigates the sign-in page instead of JSON', async () => {
    const answer = await faces.chat(acme).get('/api/sign-in/oidc/callback?state=x&code=y', { accept: 'text/html' });

    expect(answer.status).toBe(302);
    expect(answer.location).toMatch(/^\/sign-in\?error=sso_failed&id=[0-9a-f-]{36}$/);
  });

  it('never takes over a local person by e-mail, until the same browser is signed in as that person', async () => {
    const sub = account({ emailVerified: true });
    const email = `${sub}@acme.example`;
    const { url } = await faces.identity.inviteByCli(acme, { email, role: 'admin' });
    const local = faces.chat(acme);
    const me = await local.call('POST', '/api/links/use', {
      token: tokenOf(url),
      name: 'L',
      password: 'a long password 1',
    });

    await refused((await signIn(sub)).answer, /email_belongs_to_local_person/);
    expect((await signIn(sub, local)).answer.status).toBe(302);
    const later = await signIn(sub);
    expect((await later.browser.get('/api/me')).json['userId']).toBe(meOf(me)['userId']);
  });

  it('reserves the e-mail of the owner for one the provider vouches for', async () => {
    const tenant = acme.manifest.ownerEmail;

    await refused((await signIn(account({ email: tenant }))).answer, /owner_email_unverified/);
    await refused((await signIn(account({ email: tenant, emailVerified: false }))).answer, /email_unverified/);
    const { browser } = await signIn(account({ email: tenant, emailVerified: true }));
    expect((await browser.get('/api/me')).json).toMatchObject({ role: 'owner', email: tenant });
  });

  it('follows the groups at each sign-in, but keeps the last owner', async () => {
    const sub = account({ groups: ['finance', 'it'] });
    const roleNow = async () => (await (await signIn(sub)).browser.get('/api/me')).json['role'];
    const become = (groups: string[]) => idp.accounts.set(sub, { ...idp.accounts.get(sub)!, groups });

    expect(await roleNow()).toBe('admin');
    become(['finance']);
    expect(await roleNow()).toBe('billing');
    become([]);
    expect(await roleNow()).toBe('member');
    become(['board']);
    expect(await roleNow()).toBe('owner');
    const owners = await faces.database.sessions.run(acme.id, async ({ people }) => {
      const page = await people.page(
        { search: null, searchesEmail: true, group: null, cursor: null, limit: 200 },
        systemAbility('owner'),
      );
      for (const person of page.items)
        if (person.role === 'owner' && !person.email.startsWith(sub)) await people.save({ ...person, role: 'member' });
      return people.otherOwners(null);
    });
    expect(owners).toBe(1);
    become([]);
    expect(await roleNow()).toBe('owner');
  });

  it('lets no disabled person in', async () => {
    const sub = account();
    const { browser } = await signIn(sub);
    const { json } = await browser.get('/api/me');
    const { admin } = await faces.enter(acme);
    await admin.call('PATCH', `/api/people/${String(json['userId'])}`, { state: 'disabled' });

    expect((await browser.get('/api/me')).status).toBe(401);
    await refused((await signIn(sub)).answer, /person_disabled/);
  });

  it('asks for an e-mail', async () => {
    await refused((await signIn(account({ email: undefined }))).answer, /email_missing/);
  });

  it('passes on nothing of a refusal at the provider', async () => {
    const browser = faces.chat(acme);

    await refused(await browser.get(await comeBack(browser, 'nobody')), /access_denied/);
  });

  it('says that a provider, or its secret, is not there', async () => {
    expect((await faces.chat(broken).get('/api/sign-in/sso')).json).toMatchObject({
      error: { code: 'sso_unavailable' },
    });
    faces.secrets.delete('broken/idp/value');
    expect((await faces.chat(broken).get('/api/sign-in/sso')).json).toMatchObject({
      error: { code: 'sso_unavailable' },
    });
    const without = await faces.database.provision('without');
    expect((await faces.chat(without).get('/api/sign-in/sso')).status).toBe(404);
  });

  it('trusts http on loopback only', async () => {
    const far = await faces.database.provision('far', {
      sso: profile({ issuer: 'http://idp.example', clientSecretRef: null }),
    });

    expect((await faces.chat(far).get('/api/sign-in/sso')).json).toMatchObject({ error: { code: 'sso_unavailable' } });
    const filter = { action: null, outcome: 'refused' as const, cursor: null, limit: 1 };
    const page = await faces.database.sessions.run(far.id, ({ audit }) => audit.page(filter, systemAbility('owner')));
    expect(page.items[0]?.reason).toMatch(/loopback/);
  });
});
