import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { type IdpAccount, startOidcIdp, type TestIdp } from '#test/support/oidc-idp.js';
import { oidcProfile } from '#test/support/sso-profiles.js';
import { until } from '#test/support/until.js';

const password = 'a long password 1';
const event = 'http://schemas.openid.net/event/backchannel-logout';

describe('what an organisation lets its identity provider decide', () => {
  let faces: TestFaces;
  let idp: TestIdp;

  beforeAll(async () => {
    [faces, idp] = await Promise.all([startFaces(), startOidcIdp()]);
  });
  afterAll(async () => {
    await faces.close();
    await idp.close();
  });

  let next = 0;
  /** A tenant of its own with these settings, and its client at the provider. */
  const organisation = async (change: Partial<OidcProfile> = {}): Promise<Tenant> => {
    const slug = `org-${(next += 1)}`;
    const secret = randomUUID();
    faces.secrets.set(`${slug}/idp/value`, secret);
    const at = `http://${slug}.localhost:${faces.port}`;
    idp.serve([
      {
        clientId: 'whisper',
        secret,
        redirectUris: [`${at}/api/sign-in/oidc/callback`],
        signOutUris: [`${at}/sign-in`],
      },
    ]);
    const clientSecretRef = { name: 'idp', key: 'value' };
    return faces.database.provision(slug, {
      sso: oidcProfile({ issuer: idp.issuer, clientSecretRef, scopes: ['openid', 'email', 'groups'], ...change }),
    });
  };
  const account = (change: Partial<IdpAccount> = {}): string => {
    const sub = `sub-${(next += 1)}`;
    idp.accounts.set(sub, { sub, email: `${sub}@acme.example`, name: `Person ${sub}`, ...change });
    return sub;
  };
  const signIn = async (tenant: Tenant, sub: string, browser = faces.chat(tenant)) => {
    const start = await browser.get('/api/sign-in/sso');
    const answer = await browser.get(await idp.passThrough(browser, start.location ?? '', sub));
    return { browser, status: answer.status };
  };
  const reasons = async (tenant: Tenant): Promise<readonly (string | null)[]> => {
    const filter = { action: null, outcome: 'refused' as const, cursor: null, limit: 20 };
    const page = await faces.database.sessions.run(tenant.id, ({ audit }) =>
      audit.page(filter, systemAbility('owner')),
    );
    return page.items.map(({ reason }) => reason);
  };
  const claims = (change: (claims: JWTPayload) => JWTPayload) => ({ claims: change, withOtherKey: false });

  it('lets nobody new in without just-in-time accounts', async () => {
    const tenant = await organisation({ justInTime: false });

    expect((await signIn(tenant, account())).status).toBe(401);
    expect(await reasons(tenant)).toEqual(['sso: no_account']);
  });

  describe('somebody whom the directory has made', () => {
    const announced = async (change: Partial<OidcProfile> = {}) => {
      const tenant = await organisation({ justInTime: false, ...change });
      const { admin } = await faces.enter(tenant);
      const token = String((await admin.call('POST', '/api/scim/tokens', { name: 'Okta' })).json['secret']);
      const directory = (method: string, path: string, body: unknown) =>
        faces.chat(tenant).send(method, `/scim/v2${path}`, { body, headers: { authorization: `Bearer ${token}` } });
      const sub = account();
      const made = await directory('POST', '/Users', { userName: `${sub}@acme.example` });
      return { tenant, admin, directory, sub, id: String(made.json['id']) };
    };

    it('comes in by the first sign-in with the same e-mail, as who they are', async () => {
      const { tenant, sub, id } = await announced();

      const { browser } = await signIn(tenant, sub);

      expect((await browser.get('/api/me')).json).toMatchObject({ userId: id, role: 'member' });
    });

    it('is awaited once: nobody else comes in by the e-mail later', async () => {
      const { tenant, sub } = await announced();
      await signIn(tenant, sub);
      const thief = account({ email: `${sub}@acme.example` });

      expect((await signIn(tenant, thief)).status).toBe(401);
      expect(await reasons(tenant)).toEqual(['sso: email_belongs_to_local_person']);
    });

    it('does not come in by an e-mail that the provider has not verified, nor once the directory has ended them', async () => {
      const { tenant, sub, directory, id } = await announced();
      idp.accounts.set(sub, { ...idp.accounts.get(sub)!, emailVerified: false });
      expect((await signIn(tenant, sub)).status).toBe(401);
      idp.accounts.set(sub, { ...idp.accounts.get(sub)!, emailVerified: true });
      await directory('PATCH', `/Users/${id}`, { Operations: [{ op: 'replace', value: { active: false } }] });
      expect((await signIn(tenant, sub)).status).toBe(401);
    });

    it('is nobody who was made an owner since', async () => {
      const { tenant, admin, sub, id } = await announced();
      await admin.call('PATCH', `/api/people/${id}`, { role: 'owner' });

      expect((await signIn(tenant, sub)).status).toBe(401);
    });
  });

  it('makes accounts of named e-mail domains only', async () => {
    const tenant = await organisation({ emailDomains: ['acme.example'] });

    expect((await signIn(tenant, account())).status).toBe(302);
    expect((await signIn(tenant, account({ email: 'eve@elsewhere.example' }))).status).toBe(401);
    expect((await signIn(tenant, account({ email: 'eve@acme.example@elsewhere.example' }))).status).toBe(401);
    expect(await reasons(tenant)).toEqual(['sso: email_missing', 'sso: email_domain_not_allowed']);
  });

  it('refuses who is in no named group, also later', async () => {
    const tenant = await organisation({
      unmatchedGroups: 'refuse',
      groupRoles: [{ group: 'staff', role: 'member' }],
    });
    const sub = account({ groups: ['staff'] });

    expect((await signIn(tenant, sub)).status).toBe(302);
    idp.accounts.set(sub, { ...idp.accounts.get(sub)!, groups: ['guests'] });
    expect((await signIn(tenant, sub)).status).toBe(401);
    expect(await reasons(tenant)).toEqual(['sso: no_group_matches']);
  });

  it('leaves a role alone while the provider holds groups back', async () => {
    const tenant = await organisation({ groupRoles: [{ group: 'it', role: 'admin' }] });
    const sub = account({ groups: ['it'] });
    await signIn(tenant, sub);

    idp.accounts.set(sub, { ...idp.accounts.get(sub)!, groups: [] });
    idp.forge = claims((all) => ({ ...all, groups: [], _claim_names: { groups: 'src1' } }));
    const { browser } = await signIn(tenant, sub);
    idp.forge = null;

    expect((await browser.get('/api/me')).json['role']).toBe('admin');
  });

  describe('keys of the provider', () => {
    it.each([true, false])('are followed at once, old ones kept: %s', async (overlap) => {
      const tenant = await organisation();
      expect((await signIn(tenant, account())).status).toBe(302);

      await idp.rotate({ overlap });

      expect((await signIn(tenant, account())).status).toBe(302);
    });
  });

  describe('once it is required', () => {
    const local = async (tenant: Tenant, role: 'member' | 'owner') => {
      const email = `${role}-${(next += 1)}@acme.example`;
      const { url } = await faces.identity.inviteByCli(tenant, { email, role });
      const answer = await faces.chat(tenant).call('POST', '/api/links/use', {
        token: tokenOf(url),
        name: 'L',
        password,
      });
      return { email, status: answer.status };
    };
    const withPassword = (tenant: Tenant, email: string) =>
      faces.chat(tenant).call('POST', '/api/sign-in/password', { email, password });

    it('keeps passwords until somebody has come in through it, then for owners only', async () => {
      const tenant = await organisation({ required: true });
      const member = await local(tenant, 'member');
      const owner = await local(tenant, 'owner');
      expect((await withPassword(tenant, member.email)).status).toBe(200);

      await signIn(tenant, account());

      const refused = await withPassword(tenant, member.email);
      const unknown = await withPassword(tenant, 'nobody@acme.example');
      expect(refused.status).toBe(401);
      expect({ ...refused.json }).toMatchObject({ error: { code: 'sign_in_failed' } });
      expect((refused.json['error'] as { message: string }).message).toBe(
        (unknown.json['error'] as { message: string }).message,
      );
      expect((await withPassword(tenant, owner.email)).status).toBe(200);
      expect(await reasons(tenant)).toContain('identity_provider_required');
    });

    it('makes no local account of an invitation, and takes none back by a reset link', async () => {
      const tenant = await organisation({ required: true });
      await signIn(tenant, account());

      expect((await local(tenant, 'member')).status).toBe(410);
      expect((await local(tenant, 'owner')).status).toBe(200);
    });

    it('asks for a proof of the very connection', async () => {
      const tenant = await organisation({ required: true });
      const member = await local(tenant, 'member');
      await signIn(tenant, account());
      const sso = oidcProfile({ issuer: 'https://new.example', required: true });
      await faces.database.registry.apply({
        slug: tenant.slug,
        hosts: tenant.hosts,
        suspended: false,
        revision: 'r2',
        profile: { ...tenant.manifest, sso },
      });
      await until(async () => (await faces.database.directory.byId(tenant.id))?.revision === 'r2');

      expect((await withPassword(tenant, member.email)).status).toBe(200);
    });
  });

  describe('signing out', () => {
    it('stays here by itself', async () => {
      const tenant = await organisation();
      const { browser } = await signIn(tenant, account());

      expect((await browser.call('POST', '/api/sign-out')).json).toEqual({ next: null });
    });

    it('goes on to the provider where that is wanted, and comes back to the sign-in page', async () => {
      const tenant = await organisation({ signOut: 'everywhere' });
      const { browser } = await signIn(tenant, account());

      const { json } = await browser.call('POST', '/api/sign-out');
      const address = new URL(String(json['next']));
      expect(`${address.origin}${address.pathname}`).toBe(`${idp.issuer}/session/end`);
      expect(address.searchParams.get('post_logout_redirect_uri')).toBe(
        `http://${tenant.slug}.localhost:${faces.port}/sign-in`,
      );
      expect(address.searchParams.get('id_token_hint')).toMatch(/^ey/);
      expect((await browser.get('/api/me')).status).toBe(401);
    });

    describe('by the back channel', () => {
      let tenant: Tenant;
      let browser: Browser;
      let sub: string;
      beforeAll(async () => {
        tenant = await organisation();
      });
      const order = (change: JWTPayload = {}, how: object = {}): Promise<string> => {
        const now = Math.floor(Date.now() / 1_000);
        const all = { iss: idp.issuer, aud: 'whisper', sub, iat: now, exp: now + 120, jti: randomUUID() };
        return idp.logoutToken({ ...all, events: { [event]: {} }, ...change }, how);
      };
      /** As the provider's server sends it: a form, without our origin and header. */
      const send = async (token: string): Promise<number> => {
        const form = { logout_token: token };
        return (await faces.chat(tenant).send('POST', '/api/sign-in/oidc/back-channel', { form })).status;
      };
      const isIn = async (who: Browser) => (await who.get('/api/me')).status === 200;
      const enter = async () => {
        sub = account();
        ({ browser } = await signIn(tenant, sub));
      };

      it('ends the sessions of the subject on both faces, once', async () => {
        await enter();
        const other = await signIn(tenant, account());
        const token = await order();

        expect(await send(token)).toBe(204);
        expect([await isIn(browser), await isIn(other.browser)]).toEqual([false, true]);
        expect(await send(token)).toBe(400);
        expect(await reasons(tenant)).toContain('back channel: logout token used before');
      });

      it.each<[string, () => Promise<string>]>([
        ['another key', () => order({}, { withOtherKey: true })],
        ['another type', () => order({}, { header: { typ: 'JWT' } })],
        ['another issuer', () => order({ iss: 'https://evil.example' })],
        ['another audience', () => order({ aud: 'somebody' })],
        ['a nonce', () => order({ nonce: 'n' })],
        ['no event', () => order({ events: {} })],
        ['neither subject nor session', () => order({ sub: undefined })],
        ['no id', () => order({ jti: undefined })],
        ['an end long past', () => order({ iat: 1_000_000, exp: 1_000_100 })],
        ['a life of years', () => order({ exp: Math.floor(Date.now() / 1_000) + 100_000_000 })],
        ['no signature', async () => `${(await order()).split('.').slice(0, 2).join('.')}.`],
        ['no token at all', () => Promise.resolve('nothing that could be read')],
      ])('is refused with %s', async (_case, make) => {
        await enter();

        expect(await send(await make())).toBe(400);
        expect(await isIn(browser)).toBe(true);
      });
    });
  });
});
