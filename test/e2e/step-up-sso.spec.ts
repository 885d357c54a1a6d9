import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { SignJWT } from 'jose';
import { systemAbility } from '#libs/identity/domain/abilities.js';
import { freshMs } from '#libs/identity/domain/step-up.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { type LyingIdp, startLyingIdp } from '#test/support/lying-idp.js';
import type { Lie, SamlPerson } from '#test/support/saml-idp.js';
import { readAsk } from '#test/support/saml-idp.js';
import { from, minute, SamlTrial } from '#test/support/saml-trial.js';
import { oidcProfile, openPolicy } from '#test/support/sso-profiles.js';

const errorOf = ({ json }: Answer) => (json['error'] ?? {}) as Record<string, unknown>;
const groupRoles = [{ group: 'board', role: 'owner' as const }];
const wayBack = '/api/sign-in/sso?fresh=true&returnTo=%2Fadmin%3Fto%3D%252Fkeys';

const reasonsOf = async (faces: TestFaces, tenant: Tenant, outcome: 'success' | 'refused') => {
  const page = await faces.database.sessions.run(tenant.id, ({ audit }) =>
    audit.page({ action: null, outcome, cursor: null, limit: 5 }, systemAbility('owner')),
  );
  return page.items.map(({ action, reason }) => `${action} ${reason ?? ''}`);
};
/** A first password is what somebody who came from a provider would set to stay. */
const dare = (browser: Browser) => browser.call('PUT', '/api/me/password', { password: 'a long enough password' });
const expectStale = async (browser: Browser) => {
  expect(errorOf(await dare(browser))).toMatchObject({ code: 'step_up_required', ways: ['provider'] });
};

describe('a fresh proof by OpenID Connect', () => {
  let faces: TestFaces;
  let idp: LyingIdp;
  let acme: Tenant;

  beforeAll(async () => {
    [faces, idp] = await Promise.all([startFaces(), startLyingIdp('whisper')]);
    acme = await faces.database.provision('acme', { sso: oidcProfile({ issuer: idp.issuer, groupRoles }) });
  });
  afterAll(async () => {
    await faces.close();
    await idp.close();
  });
  afterEach(() => {
    idp.lies = {};
    idp.account = { sub: 'sub-1', email: 'ann@acme.example' };
    faces.clock.shiftMs = 0;
  });

  /** The provider says that the person signed in there so long ago; null: it does not say. */
  const signedInAgo = (seconds: number | null) => {
    idp.lies = {
      idToken: ({ claims, key }) =>
        new SignJWT({
          ...claims,
          groups: ['board'],
          ...(seconds === null ? {} : { auth_time: Math.floor(Date.now() / 1_000) - seconds }),
        })
          .setProtectedHeader({ alg: 'RS256', kid: 'key' })
          .sign(key),
    };
  };
  const go = async (browser: Browser, path = '/api/sign-in/sso') => {
    const start = await browser.get(path);
    expect(start.status).toBe(302);
    return { asked: new URL(start.location ?? '').searchParams, back: idp.back(start.location ?? '') };
  };
  /** Somebody whose sign-in at the provider is ten minutes old. */
  const stale = async () => {
    signedInAgo(600);
    const browser = faces.chat(acme);
    expect((await browser.get((await go(browser)).back)).status).toBe(302);
    return browser;
  };

  it('is as old as the provider says', async () => {
    await expectStale(await stale());
  });

  it('is of now where the provider says nothing', async () => {
    signedInAgo(null);
    const browser = faces.chat(acme);
    await browser.get((await go(browser)).back);

    expect((await dare(browser)).status).toBe(204);
    const { database } = faces;
    await database.sessions.run(acme.id, async ({ people }) => {
      const ann = await people.byEmail('ann@acme.example');
      if (ann !== null) await people.save({ ...ann, passwordHash: null });
    });
  });

  it('is asked for with max_age=0, renews the session, and leads on where the person was', async () => {
    const browser = await stale();
    const me = (await browser.get('/api/me')).json;
    const before = browser.cookie('__Host-whisper') ?? '';
    const { asked, back } = await go(browser, wayBack);
    signedInAgo(0);

    const answer = await browser.get(back);

    expect([asked.get('max_age'), asked.get('prompt')]).toEqual(['0', 'login']);
    expect([answer.status, answer.location]).toEqual([302, '/admin?to=%2Fkeys']);
    expect((await browser.get('/api/me')).json).toEqual(me);
    const old = faces.chat(acme);
    old.setCookie('__Host-whisper', before);
    expect((await old.get('/api/me')).status).toBe(401);
    expect(await reasonsOf(faces, acme, 'success')).toContain('session.confirm chat: oidc');
    const admin = faces.admin(acme);
    const { json } = await browser.call('POST', '/api/admin-handover');
    await admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });
    expect((await admin.call('POST', '/api/keys', { name: 'k' })).status).toBe(201);
  });

  it.each<[string, () => void, string]>([
    ['does not say when', () => signedInAgo(null), 'fresh_sign_in_unproven'],
    ['says that it was before', () => signedInAgo(120), 'sign_in_not_fresh'],
    [
      'names another person',
      () => {
        signedInAgo(0);
        idp.account = { sub: 'sub-2', email: 'bob@acme.example' };
      },
      'another_person',
    ],
    [
      'names another subject with the same e-mail',
      () => {
        signedInAgo(0);
        idp.account = { sub: 'sub-3', email: 'ann@acme.example' };
      },
      'another_person',
    ],
  ])('is refused where the provider %s', async (_case, lie, reason) => {
    const browser = await stale();
    const { back } = await go(browser, wayBack);
    lie();

    const answer = await browser.get(back);

    expect([answer.status, errorOf(answer)['code']]).toEqual([401, 'sso_failed']);
    expect((await reasonsOf(faces, acme, 'refused'))[0]).toContain(reason);
    await expectStale(browser);
  });

  it('is refused where the session has ended meanwhile', async () => {
    const browser = await stale();
    const { back } = await go(browser, wayBack);
    await browser.call('POST', '/api/sign-out');
    signedInAgo(0);

    expect((await browser.get(back)).status).toBe(401);

    expect((await reasonsOf(faces, acme, 'refused'))[0]).toContain('session_over_meanwhile');
    expect((await browser.get('/api/me')).status).toBe(401);
  });

  it('is never from the future', async () => {
    signedInAgo(-3_600);
    const browser = faces.chat(acme);
    await browser.get((await go(browser)).back);

    faces.clock.shiftMs = freshMs + 1_000;

    await expectStale(browser);
  });

  it('is a plain sign-in for somebody who is not signed in, but has to be fresh all the same', async () => {
    const browser = faces.chat(acme);
    const { back } = await go(browser, wayBack);
    signedInAgo(120);
    expect((await browser.get(back)).status).toBe(401);
    const again = await go(browser, wayBack);
    signedInAgo(0);

    expect((await browser.get(again.back)).status).toBe(302);

    expect((await browser.get('/api/me')).status).toBe(200);
  });
});

describe('a fresh proof by SAML', () => {
  let trial: SamlTrial;
  let tenant: Tenant;
  const ann: SamlPerson = { nameId: 'ann@org.example', attributes: { groups: ['board'] } };

  beforeAll(async () => {
    trial = await SamlTrial.start();
    tenant = await trial.organisation({ ...openPolicy, groupRoles });
  });
  afterAll(() => trial.close());

  const stale = async () =>
    (await trial.attempt(tenant, { person: ann, lie: { words: { authenticatedAt: from(-10 * minute) } } })).browser;
  const prove = async (browser: Browser, lie: Lie = {}, person = ann) => {
    const start = await browser.get(wayBack);
    const ask = readAsk(start.location ?? '');
    return { ask, answer: await trial.send(browser, ask, await trial.idp.answer(ask, person, lie)) };
  };

  it('is asked for with ForceAuthn, and renews the session', async () => {
    const browser = await stale();
    await expectStale(browser);
    const me = (await browser.get('/api/me')).json;

    const { ask, answer } = await prove(browser);

    expect(ask.xml).toContain('ForceAuthn="true"');
    expect([answer.status, answer.location]).toEqual([302, '/admin?to=%2Fkeys']);
    expect((await browser.get('/api/me')).json).toEqual(me);
    expect((await dare(browser)).status).toBe(204);
    await trial.faces.database.sessions.run(tenant.id, async ({ people }) => {
      const person = await people.byEmail('ann@org.example');
      if (person !== null) await people.save({ ...person, passwordHash: null });
    });
  });

  it('is not asked for in a plain sign-in', async () => {
    expect((await trial.setOut(trial.faces.chat(tenant))).xml).not.toContain('ForceAuthn');
  });

  it.each<[string, Lie, SamlPerson, string]>([
    ['overlooks it', { words: { authenticatedAt: from(-10 * minute) } }, ann, 'sign_in_not_fresh'],
    ['names another person', {}, { nameId: 'bob@org.example', attributes: {} }, 'another_person'],
  ])('is refused where the provider %s', async (_case, lie, person, reason) => {
    const browser = await stale();

    const { answer } = await prove(browser, lie, person);

    expect([answer.status, errorOf(answer)['code']]).toEqual([401, 'sso_failed']);
    expect((await reasonsOf(trial.faces, tenant, 'refused'))[0]).toContain(reason);
    await expectStale(browser);
  });
});
