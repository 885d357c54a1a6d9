import { createHmac, createPublicKey, generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces } from '#test/support/faces.js';
import { type Lies, type LyingIdp, startLyingIdp } from '#test/support/lying-idp.js';
import { oidcProfile } from '#test/support/sso-profiles.js';

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
type Make = NonNullable<Lies['idToken']>;

/** A token of the right key whose claims are changed. */
const saying =
  (change: (claims: JWTPayload) => JWTPayload): Make =>
  ({ claims, key }) =>
    new SignJWT(change(claims)).setProtectedHeader({ alg: 'RS256', kid: 'key' }).sign(key);

describe('attacks on a sign-in by OpenID Connect', () => {
  let faces: TestFaces;
  let idp: LyingIdp;
  let acme: Tenant;
  let globex: Tenant;

  beforeAll(async () => {
    [faces, idp] = await Promise.all([startFaces(), startLyingIdp('whisper')]);
    acme = await faces.database.provision('acme', { sso: oidcProfile({ issuer: idp.issuer }) });
    globex = await faces.database.provision('globex', { sso: oidcProfile({ issuer: idp.issuer }) });
  });
  afterAll(async () => {
    await faces.close();
    await idp.close();
  });
  afterEach(() => {
    idp.lies = {};
  });

  const begin = async (browser: Browser): Promise<string> => {
    const start = await browser.get('/api/sign-in/sso');
    expect(start.status).toBe(302);
    return idp.back(start.location ?? '');
  };
  const attempt = async (lies: Lies) => {
    const browser = faces.chat(acme);
    const back = await begin(browser);
    idp.lies = lies;
    return browser.get(back);
  };
  const lastReason = async (tenant = acme): Promise<string> => {
    const filter = { action: 'session.create', outcome: 'refused' as const, cursor: null, limit: 1 };
    const page = await faces.database.sessions.run(tenant.id, ({ audit }) =>
      audit.page(filter, systemAbility('owner')),
    );
    return page.items[0]?.reason ?? '';
  };
  const people = (tenant: Tenant) =>
    faces.database.sessions.run(tenant.id, async (stores) => {
      const page = await stores.people.page(
        { search: null, searchesEmail: true, group: null, cursor: null, limit: 200 },
        systemAbility('owner'),
      );
      return page.items.map(({ email, role }) => `${email} ${role}`);
    });
  /** Refused with words that tell nothing, a reason for the admin, and nobody new. */
  const refused = async (lies: Lies, reason: RegExp, code = 'sso_failed') => {
    const before = await people(acme);
    const answer = await attempt(lies);
    expect(answer.json).toMatchObject({ error: { code } });
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await lastReason()).toMatch(reason);
    expect(await people(acme)).toEqual(before);
  };

  it('leave an honest provider alone, so that the refusals below mean something', async () => {
    expect((await attempt({})).status).toBe(302);
    expect(await people(acme)).toEqual(['ann@acme.example member']);
  });

  describe('by the ID token', () => {
    it.each<[string, Make, RegExp]>([
      ['without a signature (alg none)', ({ claims }) => `${base64({ alg: 'none' })}.${base64(claims)}.`, /alg|JWS/i],
      [
        'with the public key as a shared secret (HS256)',
        ({ claims, publicJwk }) => {
          const pem = createPublicKey({ key: { ...publicJwk }, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
          const signed = `${base64({ alg: 'HS256', kid: 'key' })}.${base64(claims)}`;
          return `${signed}.${createHmac('sha256', pem).update(signed).digest('base64url')}`;
        },
        /alg/i,
      ],
      [
        'with a key of its own in the header (jwk)',
        async ({ claims }) => {
          const { privateKey, publicKey } = await generateKeyPair('RS256', { extractable: true });
          const jwk = await exportJWK(publicKey);
          return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key', jwk }).sign(privateKey);
        },
        /signature|header/i,
      ],
      [
        'with the address of another key set (jku)',
        async ({ claims }) => {
          const { privateKey } = await generateKeyPair('RS256');
          const jku = 'https://evil.example/jwks';
          return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'key', jku }).sign(privateKey);
        },
        /signature|header/i,
      ],
      [
        'with an unknown key id',
        ({ claims, key }) => new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'other' }).sign(key),
        /key/i,
      ],
      [
        'with an algorithm that the key is not for',
        async ({ claims }) => {
          const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
          return new SignJWT(claims).setProtectedHeader({ alg: 'ES256', kid: 'key' }).sign(privateKey);
        },
        /alg|key/i,
      ],
      [
        'cut and glued to other claims',
        async (request) => {
          const [head, , signature] = (await saying((claims) => claims)(request)).split('.');
          return [head, base64({ ...request.claims, sub: 'admin' }), signature].join('.');
        },
        /signature/i,
      ],
      ['for another audience', saying((claims) => ({ ...claims, aud: 'other' })), /aud/i],
      ['for more audiences than us', saying((claims) => ({ ...claims, aud: ['whisper', 'other'] })), /aud|azp/i],
      ['of another issuer', saying((claims) => ({ ...claims, iss: 'https://evil.example' })), /iss/i],
      ['without a subject', saying(({ sub: _gone, ...claims }) => claims), /sub/i],
      ['without a time', saying(({ iat: _gone, ...claims }) => claims), /iat/i],
      ['that has expired', saying((claims) => ({ ...claims, exp: 1_000 })), /exp|timestamp|check/i],
      ['without an end', saying(({ exp: _gone, ...claims }) => claims), /exp/i],
      ['with another nonce', saying((claims) => ({ ...claims, nonce: 'other' })), /nonce/i],
      ['without a nonce', saying(({ nonce: _gone, ...claims }) => claims), /nonce/i],
      ['that is no token', () => 'nothing', /JWT|JWS/i],
    ])('%s', async (_case, idToken, reason) => {
      await refused({ idToken }, reason);
    });

    it('of another person than the one whose claims are told', async () => {
      await refused({ userInfo: (honest) => ({ ...honest, sub: 'somebody-else' }) }, /sub/i);
    });

    it('with claims that grant more than a role by group', async () => {
      idp.account = { sub: 'sub-2', email: 'bob@acme.example' };
      const answer = await attempt({
        idToken: saying((claims) => ({ ...claims, role: 'owner', roles: ['owner'], admin: true, groups: ['owner'] })),
      });
      expect(answer.status).toBe(302);
      expect(await people(acme)).toContain('bob@acme.example member');
    });
  });

  describe('by the way back', () => {
    it('with a code that belongs to another browser’s sign-in', async () => {
      const victim = faces.chat(acme);
      const stolen = new URL(await begin(victim)).searchParams.get('code') ?? '';
      const attacker = faces.chat(acme);
      const own = new URL(await begin(attacker));
      own.searchParams.set('code', stolen);

      expect((await attacker.get(own.href)).json).toMatchObject({ error: { code: 'sso_failed' } });
      expect(await lastReason()).toMatch(/invalid_grant/);
    });

    it('with the same code twice', async () => {
      const browser = faces.chat(acme);
      const back = await begin(browser);
      const cookie = browser.cookie('__Host-whisper-sso') ?? '';
      expect((await browser.get(back)).status).toBe(302);
      browser.setCookie('__Host-whisper-sso', cookie);

      expect((await browser.get(back)).json).toMatchObject({ error: { code: 'sso_failed' } });
    });

    it('at another organisation with the same provider and client', async () => {
      const browser = faces.chat(acme);
      const back = new URL(await begin(browser));
      back.hostname = 'globex.localhost';
      const elsewhere = faces.chat(globex);
      elsewhere.setCookie('__Host-whisper-sso', browser.cookie('__Host-whisper-sso') ?? '');

      expect((await elsewhere.get(back.href)).json).toMatchObject({ error: { code: 'sso_failed' } });
      expect(await lastReason(globex)).toMatch(/request_unknown/);
    });

    it('of one that answers with an error and a page of its own', async () => {
      const answer = await attempt({});
      expect(answer.status).toBe(302);
      const browser = faces.chat(acme);
      const state = new URL(await begin(browser)).searchParams.get('state') ?? '';
      const query = new URLSearchParams({
        state,
        error: 'access_denied',
        error_description: '<script>alert(1)</script>',
      });
      const refusal = await browser.get(`/api/sign-in/oidc/callback?${query.toString()}`, { accept: 'text/html' });

      expect(refusal.location).toMatch(/^\/sign-in\?error=sso_failed&id=[0-9a-f-]{36}$/);
    });
  });

  describe('by a person', () => {
    it('who has the same subject and e-mail at another organisation', async () => {
      idp.account = { sub: 'sub-3', email: 'eve@both.example' };
      await attempt({});
      const browser = faces.chat(globex);
      expect((await browser.get(await begin(browser))).status).toBe(302);

      const idAt = (tenant: Tenant) =>
        faces.database.sessions.run(tenant.id, async (stores) => (await stores.people.byEmail('eve@both.example'))?.id);
      expect(await idAt(acme)).not.toBe(await idAt(globex));
      const cookie = browser.cookie('__Host-whisper') ?? '';
      const stranger = faces.chat(acme);
      stranger.setCookie('__Host-whisper', cookie);
      expect((await stranger.get('/api/me')).status).toBe(401);
    });

    it('whose address only looks like somebody’s', async () => {
      for (const email of ['ANN@acme.example', ' ann@acme.example ']) {
        idp.account = { sub: `sub-${email}`, email };
        await refused({}, /email_belongs_to_local_person/);
      }
    });
  });

  describe('by the provider’s servers', () => {
    const fresh = async (lies: Lies, slug: string) => {
      const tenant = await faces.database.provision(slug, {
        sso: oidcProfile({ issuer: idp.issuer, clientId: `whisper-${slug}` }),
      });
      idp.lies = lies;
      idp.asked.length = 0;
      const answer = await faces.chat(tenant).get('/api/sign-in/sso');
      return { answer, reason: await lastReason(tenant) };
    };
    const toInside = (response: ServerResponse) => response.writeHead(302, { location: `${idp.issuer}/inside` }).end();

    it('that say another issuer of themselves', async () => {
      const { answer, reason } = await fresh(
        { discovery: (honest) => ({ ...honest, issuer: 'https://evil.example' }) },
        'a',
      );

      expect(answer.json).toMatchObject({ error: { code: 'sso_unavailable' } });
      expect(reason).toMatch(/issuer/);
    });

    it('that lead elsewhere, which is not followed', async () => {
      const { answer } = await fresh(
        { answer: { '/.well-known/openid-configuration': (_request, response) => toInside(response) } },
        'b',
      );

      expect(answer.json).toMatchObject({ error: { code: 'sso_unavailable' } });
      expect(idp.asked).not.toContain('/inside');
    });

    it('that never stop talking', async () => {
      const endless = (response: ServerResponse): void => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const more = () => {
          for (let round = 0; round < 64; round++) if (!response.write(Buffer.alloc(64 * 1024, 32))) break;
          if (!response.destroyed) setImmediate(more);
        };
        response.on('error', () => undefined);
        more();
      };
      const { answer } = await fresh(
        { answer: { '/.well-known/openid-configuration': (_request, response) => endless(response) } },
        'c',
      );

      expect(answer.json).toMatchObject({ error: { code: 'sso_unavailable' } });
    });

    it('whose keys are not there when they are needed', async () => {
      await refused({ answer: { '/jwks': (_request, response) => response.writeHead(503).end() } }, /jwks|status|JWK/i);
    });
  });
});
