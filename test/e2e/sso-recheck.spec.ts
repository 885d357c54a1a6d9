import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { generateKeyPair, SignJWT } from 'jose';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { honestToken, type Lies, type LyingIdp, startLyingIdp } from '#test/support/lying-idp.js';
import { type IdpAccount, startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';
import { recheckMinutes, RecheckTrial } from '#test/support/recheck-trial.js';
import { oidcProfile } from '#test/support/sso-profiles.js';
import { tokenOf } from '#test/support/faces.js';

const wait = recheckMinutes;
const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

describe('an identity provider that is asked again while somebody is signed in', () => {
  let trial: RecheckTrial;
  let idp: TestIdp;
  const secret = randomUUID();
  const slugs = Array.from({ length: 60 }, (_none, index) => `org-${index}`);
  let next = 0;

  beforeAll(async () => {
    [trial, idp] = await Promise.all([RecheckTrial.start(), startOidcIdp()]);
    idp.serve([{ clientId: 'whisper', secret, redirectUris: slugs.map((slug) => trial.redirectUri(slug)) }]);
  });
  afterAll(async () => {
    await trial.close();
    await idp.close();
  });
  afterEach(() => {
    idp.isAway = false;
    idp.givesRefreshTokens = true;
  });

  const connection = (change: Partial<OidcProfile> = {}) => ({
    issuer: idp.issuer,
    clientSecretRef: { name: 'idp', key: 'value' },
    scopes: ['openid', 'email', 'profile', 'groups'],
    ...change,
  });
  const organisation = (change: Partial<OidcProfile> = {}): Promise<Tenant> => {
    const slug = slugs[(next += 1)] ?? '';
    trial.faces.secrets.set(`${slug}/idp/value`, secret);
    return trial.organisation(slug, connection(change));
  };
  const put = (sub: string, change: Partial<IdpAccount> = {}): void => {
    idp.accounts.set(sub, { sub, email: `${sub}@acme.example`, emailVerified: true, name: 'Ann', ...change });
  };
  const signIn = async (tenant: Tenant, change: Partial<IdpAccount> = {}) => {
    const sub = `sub-${(next += 1)}`;
    put(sub, change);
    return { sub, browser: await trial.enter(tenant, (browser, url) => idp.passThrough(browser, url, sub)) };
  };
  const me = async ({ browser }: Awaited<ReturnType<typeof signIn>>) => (await browser.get('/api/me')).json;

  describe('keeps what it asks with', () => {
    it('sealed for the person and the connection, out of every view, and only while the session lasts', async () => {
      const tenant = await organisation();
      const { browser } = await signIn(tenant);

      const { sso_refresh: sealed, person_id: person } = await trial.kept(tenant);
      const sealer = trial.faces.foundation.sealerFor(tenant.id);
      const token = sealer.open(sealed ?? '', `sso.refresh ${person} oidc:${idp.issuer}`);
      expect(token.length).toBeGreaterThan(20);
      expect(sealed).not.toContain(token);
      expect(() => sealer.open(sealed ?? '', `sso.refresh ${randomUUID()} oidc:${idp.issuer}`)).toThrow(
        'cannot be opened',
      );
      for (const path of ['/api/me', '/api/sessions']) {
        const { status, text } = await browser.get(path);
        expect(status).toBe(200);
        expect(text).not.toContain(token);
        expect(text).not.toContain(sealed ?? '');
      }
      await browser.call('POST', '/api/sign-out');
      expect((await trial.kept(tenant)).sso_refresh).toBeNull();
    });

    it('asks for it once by the scope that gives it, and not at all where nobody is asked again', async () => {
      const scopesOf = async (change: Partial<OidcProfile>) => {
        const start = await trial.faces.chat(await organisation(change)).get('/api/sign-in/sso');
        return new URL(start.location ?? '').searchParams.get('scope');
      };

      expect(await scopesOf({ scopes: ['openid'] })).toBe('openid offline_access');
      expect(await scopesOf({ scopes: ['openid', 'offline_access'] })).toBe('openid offline_access');
      expect(await scopesOf({ scopes: ['openid'], recheckMinutes: undefined })).toBe('openid');
      const tenant = await organisation({ recheckMinutes: undefined });
      await signIn(tenant);
      expect((await trial.kept(tenant)).sso_refresh).toBeNull();
    });
  });

  it('leaves people signed in while it says yes, with another token each time', async () => {
    const tenant = await organisation();
    const { browser } = await signIn(tenant);
    const tokens = [(await trial.kept(tenant)).sso_refresh];

    for (const _time of ['once', 'twice', 'thrice', 'again']) {
      await trial.after(wait, tenant);
      tokens.push((await trial.kept(tenant)).sso_refresh);
    }

    expect(await trial.isIn(browser)).toBe(true);
    expect(new Set(tokens).size).toBe(5);
  });

  it('is asked by one worker at a time', async () => {
    const tenant = await organisation();
    const { browser } = await signIn(tenant);

    await Promise.all(Array.from({ length: 4 }, () => trial.after(wait, tenant)));

    expect(await trial.isIn(browser)).toBe(true);
    expect(await trial.ends(tenant)).toEqual([]);
  });

  it('ends the sessions of somebody it no longer knows, on both faces, when it is due and not before', async () => {
    const tenant = await organisation({ groupRoles: [{ group: 'it', role: 'admin' }] });
    const { browser, sub } = await signIn(tenant, { groups: ['it'] });
    const { json } = await browser.call('POST', '/api/admin-handover');
    const admin = trial.faces.admin(tenant);
    await admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });
    const other = await signIn(tenant);
    expect(await trial.isIn(admin)).toBe(true);

    idp.accounts.delete(sub);
    await trial.after(wait - 1, tenant);
    expect(await trial.isIn(browser)).toBe(true);
    await trial.after(1, tenant);

    expect([await trial.isIn(browser), await trial.isIn(admin), await trial.isIn(other.browser)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(await trial.ends(tenant)).toEqual([expect.stringMatching(/^asked again: invalid_grant .*, of /)]);
  });

  describe('is followed', () => {
    it('in name and role', async () => {
      const tenant = await organisation({ groupRoles: [{ group: 'it', role: 'admin' }] });
      const person = await signIn(tenant, { groups: ['it'] });
      expect(await me(person)).toMatchObject({ role: 'admin', name: 'Ann' });

      put(person.sub, { groups: [], name: 'Ann Other' });
      await trial.after(wait, tenant);

      expect(await me(person)).toMatchObject({ role: 'member', name: 'Ann Other' });
    });

    it('out of the organisation, where no group means no entry', async () => {
      const tenant = await organisation({
        groupRoles: [{ group: 'staff', role: 'member' }],
        unmatchedGroups: 'refuse',
      });
      const { browser, sub } = await signIn(tenant, { groups: ['staff'] });

      put(sub, { groups: ['guests'] });
      await trial.after(wait, tenant);

      expect(await trial.isIn(browser)).toBe(false);
      expect(await trial.ends(tenant)).toEqual([expect.stringContaining('no_group_matches')]);
    });

    it('but not to a last owner who is none any more', async () => {
      const tenant = await organisation({ groupRoles: [{ group: 'it', role: 'owner' }] });
      const person = await signIn(tenant, { groups: ['it'] });

      put(person.sub, { groups: [] });
      await trial.after(wait, tenant);

      expect(await me(person)).toMatchObject({ role: 'owner' });
    });
  });

  it('may be away for a while, and ends sessions when that lasts three times as long', async () => {
    const tenant = await organisation();
    const { browser } = await signIn(tenant);

    idp.isAway = true;
    await trial.after(wait, tenant);
    await trial.after(2 * wait - 1, tenant);
    expect(await trial.isIn(browser)).toBe(true);
    await trial.after(1, tenant);

    expect(await trial.isIn(browser)).toBe(false);
    expect(await trial.ends(tenant)).toEqual([expect.stringContaining('asked again: no answer in time')]);
  });

  it('is asked again by the next run once it is back', async () => {
    const tenant = await organisation();
    const { browser } = await signIn(tenant);
    idp.isAway = true;
    await trial.after(2 * wait, tenant);
    idp.isAway = false;

    await trial.after(1, tenant);

    await trial.after(wait - 1, tenant);
    expect(await trial.isIn(browser)).toBe(true);
    expect(await trial.ends(tenant)).toEqual([]);
  });

  it('refuses a token that was used before, as after a crash between its answer and our note: the session ends', async () => {
    const tenant = await organisation();
    const { browser } = await signIn(tenant);
    const { sso_refresh: used } = await trial.kept(tenant);
    await trial.after(wait, tenant);

    await trial.putBack(tenant, used);
    await trial.after(wait, tenant);

    expect(await trial.isIn(browser)).toBe(false);
    expect(await trial.ends(tenant)).toEqual([expect.stringContaining('invalid_grant')]);
  });

  describe('without a refresh token', () => {
    it('lets people in for that long, on the admin pages no longer', async () => {
      const tenant = await organisation({ groupRoles: [{ group: 'it', role: 'admin' }] });
      idp.givesRefreshTokens = false;
      const { browser } = await signIn(tenant, { groups: ['it'] });
      trial.faces.clock.shiftMs += (wait - 1) * 60_000;
      const { json } = await browser.call('POST', '/api/admin-handover');
      const admin = trial.faces.admin(tenant);
      await admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });
      expect(await trial.isIn(admin)).toBe(true);

      trial.faces.clock.shiftMs += 60_000;

      expect([await trial.isIn(browser), await trial.isIn(admin)]).toEqual([false, false]);
    });

    it('ends sessions of the time before it was to be asked again', async () => {
      const tenant = await organisation({ recheckMinutes: undefined });
      const { browser } = await signIn(tenant);
      await trial.after(wait, tenant);
      expect(await trial.isIn(browser)).toBe(true);

      await trial.change(tenant, oidcProfile({ ...connection(), recheckMinutes: wait }));
      await trial.after(1, tenant);

      expect(await trial.isIn(browser)).toBe(false);
      expect(await trial.ends(tenant)).toEqual([expect.stringContaining('no refresh token')]);
    });
  });

  it('is not asked about sessions of another connection, which end', async () => {
    const tenant = await organisation();
    const { browser } = await signIn(tenant);

    await trial.change(tenant, oidcProfile({ issuer: 'https://new.example', recheckMinutes: wait }));
    await trial.after(wait, tenant);

    expect(await trial.isIn(browser)).toBe(false);
    expect(await trial.ends(tenant)).toEqual([expect.stringContaining('the connection is another one now')]);
  });
});

describe('an answer about somebody who is signed in', () => {
  let trial: RecheckTrial;
  let idp: LyingIdp;
  let acme: Tenant;
  beforeAll(async () => {
    [trial, idp] = await Promise.all([RecheckTrial.start(), startLyingIdp('whisper')]);
    acme = await trial.organisation('acme', { issuer: idp.issuer });
  });
  afterAll(async () => {
    await trial.close();
    await idp.close();
  });
  afterEach(() => {
    idp.lies = {};
  });

  /** Whether somebody is still signed in after the provider was asked and has lied. */
  const staysAfter = async (lies: Lies) => {
    const browser = await trial.enter(acme, (_browser, url) => Promise.resolve(idp.back(url)));
    const { json } = await browser.get('/api/me');
    idp.lies = lies;
    await trial.after(wait, acme);
    const ended = await trial.ends(acme, String(json['sessionId']));
    idp.lies = {};
    return { isIn: await trial.isIn(browser), ended, browser };
  };

  it('that is honest leaves them in, so that the refusals below mean something', async () => {
    expect(await staysAfter({})).toMatchObject({ isIn: true, ended: [] });
  });

  it('that is a fresh proof brings something new to ask with', async () => {
    const initech = await trial.organisation('initech', { issuer: idp.issuer });
    const browser = await trial.enter(initech, (_browser, url) => Promise.resolve(idp.back(url)));
    const { sso_refresh: before } = await trial.kept(initech);
    const fresh = () => ({ auth_time: Math.floor(trial.faces.clock.now().getTime() / 1_000) + 1 });
    idp.lies = { idToken: (request) => honestToken({ ...request, claims: { ...request.claims, ...fresh() } }) };

    const start = await browser.get('/api/sign-in/sso?fresh=true');
    expect((await browser.get(idp.back(start.location ?? ''))).status).toBe(302);

    const { sso_refresh: after } = await trial.kept(initech);
    expect(after).not.toBeNull();
    expect(after).not.toBe(before);
    await trial.after(wait, initech);
    expect(await trial.isIn(browser)).toBe(true);
    expect(await trial.ends(initech)).toEqual([]);
  });

  it.each<[string, Lies, RegExp]>([
    [
      'about another subject',
      { idToken: (request) => honestToken({ ...request, claims: { ...request.claims, sub: 'sub-2' } }) },
      /another subject/,
    ],
    [
      'signed with another key',
      {
        idToken: async ({ claims }) => {
          const { privateKey } = await generateKeyPair('RS256');
          return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key' }).sign(privateKey);
        },
      },
      /signature/,
    ],
    [
      'signed with none (alg none)',
      { idToken: ({ claims }) => `${base64({ alg: 'none' })}.${base64(claims)}.` },
      /alg|JWS/i,
    ],
    [
      'of another issuer',
      { idToken: (request) => honestToken({ ...request, claims: { ...request.claims, iss: 'https://evil.example' } }) },
      /iss/,
    ],
    [
      'for another audience',
      { idToken: (request) => honestToken({ ...request, claims: { ...request.claims, aud: 'other' } }) },
      /aud/,
    ],
    ['that is no token', { idToken: () => 'nothing' }, /JWT|JWS/i],
    ['whose user info is about somebody else', { userInfo: (honest) => ({ ...honest, sub: 'sub-2' }) }, /sub/i],
  ])('%s ends the session', async (_case, lies, reason) => {
    const { isIn, ended } = await staysAfter(lies);

    expect(isIn).toBe(false);
    expect(ended).toEqual([expect.stringMatching(reason)]);
  });

  const say = (status: number, body: string, type = 'application/json') => {
    return (_request: IncomingMessage, response: ServerResponse) => {
      response.writeHead(status, { 'content-type': type }).end(body);
    };
  };
  it.each<[string, Lies]>([
    ['an error of its own', { answer: { '/token': say(500, '{"error":"server_error"}') } }],
    ['a refusal with the status of a breakdown', { answer: { '/token': say(503, '{"error":"invalid_grant"}') } }],
    ['a word about our client', { answer: { '/token': say(401, '{"error":"invalid_client"}') } }],
    ['a page', { answer: { '/token': say(200, '<html></html>', 'text/html') } }],
    ['something without tokens', { answer: { '/token': say(200, '{"hello":1}') } }],
    ['a connection that breaks', { answer: { '/token': (request) => void request.socket.destroy() } }],
    ['user info that breaks down', { answer: { '/userinfo': say(500, '') } }],
    ['user info that nobody may read', { answer: { '/userinfo': say(401, '') } }],
    ['keys that are none', { answer: { '/jwks': say(200, '{"hello":1}') } }],
    ['keys that cannot be read', { answer: { '/jwks': say(502, '') } }],
  ])('that is %s is none: it is asked again', async (_case, lies) => {
    const { isIn, ended, browser } = await staysAfter(lies);

    expect(isIn).toBe(true);
    expect(ended).toEqual([]);
    await trial.after(1, acme);
    expect(await trial.isIn(browser)).toBe(true);
  });

  it.each(['interaction_required', 'consent_required', 'login_required', 'invalid_grant'])(
    'that is %s is a no',
    async (error) => {
      const { isIn, ended } = await staysAfter({ answer: { '/token': say(400, JSON.stringify({ error })) } });

      expect(isIn).toBe(false);
      expect(ended).toEqual([expect.stringContaining(error)]);
    },
  );
});
