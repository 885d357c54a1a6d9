import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Answer, Browser } from '#test/support/browser.js';
import { startFaces, type TestFaces, tokenOf } from '#test/support/faces.js';
import { post, readAsk } from '#test/support/saml-idp.js';
import { honestSigning, signElement } from '#test/support/saml-signer.js';
import { SamlifyIdp } from '#test/support/samlify-idp.js';
import { ada, from, minute, SamlTrial } from '#test/support/saml-trial.js';

const rsaOaep = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p';
const aesGcm = 'http://www.w3.org/2009/xmlenc11#aes256-gcm';
const pemOf = (base64: string) =>
  `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

describe('a sign-in by SAML', () => {
  let trial: SamlTrial;

  beforeAll(async () => {
    trial = await SamlTrial.start();
  });
  afterAll(() => trial.close());

  const me = async (browser: Browser) => (await browser.get('/api/me')).json;

  it.each([
    ['plain', false],
    ['encrypted', true],
  ])('works with a provider of another make, its assertion %s', async (_name, isEncrypted) => {
    const provider = await SamlifyIdp.make(isEncrypted);
    const tenant = await trial.organisation({
      source: provider.source,
      encryption: isEncrypted ? 'required' : 'optional',
    });
    const browser = trial.faces.chat(tenant);
    const metadata = (await browser.get('/api/sign-in/saml/metadata')).text;
    const start = await browser.get('/api/sign-in/sso?returnTo=%2Fsettings');

    const form = await provider.answer(start.location ?? '', metadata, 'ada@acme.example');
    const answer = await post(browser, trial.idp, '/api/sign-in/saml/acs', form);

    expect([answer.status, answer.location, await trial.reasons(tenant)]).toEqual([302, '/settings', []]);
    expect(await me(browser)).toMatchObject({ email: 'ada@acme.example', role: 'member' });
    expect(browser.cookie('__Host-whisper-saml')).toBeNull();
  });

  it('gives a cookie that crosses sites, for ten minutes, and nothing else', async () => {
    const tenant = await trial.organisation();

    const start = await trial.faces.chat(tenant).get('/api/sign-in/sso');

    expect(start.headers['set-cookie']).toEqual([
      expect.stringMatching(/^__Host-whisper-saml=[\w-]{43}; Path=\/; Max-Age=600; HttpOnly; Secure; SameSite=None$/),
    ]);
    expect(readAsk(start.location ?? '').relayState).toMatch(/^[\w-]{43}$/);
  });

  it.each(['assertion', 'response', 'both'] as const)('takes a signature of: %s', async (what) => {
    const tenant = await trial.organisation();

    expect((await trial.attempt(tenant, { lie: { signing: { what } } })).answer.status).toBe(302);
  });

  it('keeps the tenant its keys, on every replica', async () => {
    const tenant = await trial.organisation();
    const replica = await startFaces({ tenantAddresses: 'any', beside: trial.faces });
    const read = async (faces: TestFaces) =>
      /<ds:X509Certificate>[^<]+/.exec((await faces.chat(tenant).get('/api/sign-in/saml/metadata')).text)?.[0];

    const [one, two] = await Promise.all([read(trial.faces), read(replica)]);
    await replica.close();

    expect(one).toMatch(/X509Certificate>MII/);
    expect(two).toBe(one);
  });

  it('replaces the key of the tenant without a sign-in failing', async () => {
    const tenant = await trial.organisation({ encryption: 'required' });
    const { admin } = await trial.faces.enter(tenant);
    const certificates = async () => {
      const { text } = await trial.faces.chat(tenant).get('/api/sign-in/saml/metadata');
      const all = [...text.matchAll(/use="(\w+)">.*?<ds:X509Certificate>([^<]+)/gs)];
      return all.map(([, use, certificate]) => ({ use, pem: pemOf(certificate ?? '') }));
    };
    const enter = async (certificate: string) => {
      const lie = { encryption: { certificate, content: aesGcm, key: rsaOaep } } as const;
      return (await trial.attempt(tenant, { lie })).answer.status;
    };
    const states = (answer: Answer) => (answer.json['items'] as { state: string }[]).map(({ state }) => state);
    const [old] = await certificates();

    const published = await admin.call('POST', '/api/sso/saml-keys');
    const during = await certificates();
    const [, fresh] = during;

    expect(states(published)).toEqual(['inUse', 'next']);
    expect(during.map(({ use, pem }) => [use, pem === old?.pem])).toEqual([
      ['signing', true],
      ['signing', false],
      ['encryption', false],
    ]);
    expect((await admin.call('POST', '/api/sso/saml-keys')).status).toBe(409);
    expect(await enter(old?.pem ?? '')).toBe(302);
    expect(await enter(fresh?.pem ?? '')).toBe(302);

    expect(states(await admin.call('POST', '/api/sso/saml-keys/use-next'))).toEqual(['inUse']);
    expect(await enter(fresh?.pem ?? '')).toBe(302);
    expect(await enter(old?.pem ?? '')).toBe(401);
    expect((await admin.call('POST', '/api/sso/saml-keys/use-next')).status).toBe(409);
  });

  it('may come back at another replica', async () => {
    const tenant = await trial.organisation();
    const replica = await startFaces({ tenantAddresses: 'any', beside: trial.faces });
    const browser = trial.faces.chat(tenant);
    const ask = await trial.setOut(browser);
    const { host } = new URL(ask.acsUrl);
    const back = replica.chat(tenant);
    back.setCookie('__Host-whisper-saml', browser.cookie('__Host-whisper-saml') ?? '');

    // The addresses of this replica differ by their port, which a proxy in front of both would hide.
    const answer = await trial.idp.answer(ask, ada, {
      words: {
        destination: ask.acsUrl.replace(host, new URL(back.origin).host),
        recipient: ask.acsUrl.replace(host, new URL(back.origin).host),
        audience: ask.audience.replace(host, new URL(back.origin).host),
      },
    });
    const done = await back.send('POST', '/api/sign-in/saml/acs', {
      form: { SAMLResponse: answer, RelayState: ask.relayState ?? '' },
      headers: { origin: trial.idp.url },
    });
    await replica.close();

    expect(done.status).toBe(302);
  });

  it('reads names, e-mail and groups as the great providers send them', async () => {
    const tenant = await trial.organisation({ groupRoles: [{ group: 'it', role: 'admin' }] });
    const person = {
      nameId: 'opaque-4711',
      attributes: {
        [`${claims}/emailaddress`]: ['Ida@Acme.Example'],
        'http://schemas.microsoft.com/identity/claims/displayname': ['Ida Admin'],
        'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups': ['sales', 'it'],
      },
    };
    const words = { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:persistent' };

    const { browser } = await trial.attempt(tenant, { person, lie: { words } });

    expect(await me(browser)).toMatchObject({ email: 'ida@acme.example', name: 'Ida Admin', role: 'admin' });
  });

  it('follows attributes that the settings name, and groups at each sign-in', async () => {
    const tenant = await trial.organisation({
      attributes: { email: 'e', name: 'n', groups: 'g' },
      groupRoles: [{ group: 'it', role: 'admin' }],
    });
    const person = (group: string) => ({ nameId: 'x1', attributes: { e: ['x@acme.example'], n: ['X'], g: [group] } });

    expect(await me((await trial.attempt(tenant, { person: person('it') })).browser)).toMatchObject({ role: 'admin' });
    expect(await me((await trial.attempt(tenant, { person: person('hr') })).browser)).toMatchObject({ role: 'member' });
  });

  it('makes nobody without just-in-time accounts', async () => {
    const tenant = await trial.organisation({ justInTime: false });

    expect((await trial.attempt(tenant)).answer.status).toBe(401);
    expect(await trial.reasons(tenant)).toEqual(['sso: no_account']);
  });

  it('never becomes a local person by e-mail alone, but links to who is signed in in the same browser', async () => {
    const tenant = await trial.organisation();
    const { url } = await trial.faces.identity.inviteByCli(tenant, { email: ada.nameId, role: 'admin' });
    const browser = trial.faces.chat(tenant);
    const password = 'a long password 1';
    await browser.call('POST', '/api/links/use', { token: tokenOf(url), name: 'Ada', password });

    expect((await trial.attempt(tenant)).answer.status).toBe(401);
    expect(await trial.reasons(tenant)).toEqual(['sso: email_belongs_to_local_person']);
    expect((await trial.attempt(tenant, { browser })).answer.status).toBe(302);
    expect(await me((await trial.attempt(tenant)).browser)).toMatchObject({ role: 'admin', hasPassword: true });
  });

  it('lets a provider begin only where the connection says so', async () => {
    const tenant = await trial.organisation({ idpInitiated: true });
    const browser = trial.faces.chat(tenant);
    const ask = { ...(await trial.setOut(browser)), id: null, relayState: null };

    const answer = await trial.send(browser, ask, await trial.idp.answer(ask, ada));

    expect([answer.status, answer.location]).toEqual([302, '/']);
    expect(await me(browser)).toMatchObject({ email: ada.nameId });
  });

  it('tells the page of a person who is refused a request id and no reason', async () => {
    const tenant = await trial.organisation();
    const browser = trial.faces.chat(tenant);
    const ask = await trial.setOut(browser);
    const SAMLResponse = await trial.idp.answer(ask, ada, { words: { issuer: 'https://evil.example' } });

    const answer = await browser.send('POST', '/api/sign-in/saml/acs', {
      form: { SAMLResponse, RelayState: ask.relayState ?? '' },
      headers: { origin: trial.idp.url, accept: 'text/html' },
      isCrossSite: true,
    });

    expect(answer.location).toMatch(/^\/sign-in\?error=sso_failed&id=[\w-]+$/);
  });

  describe('by metadata at an address', () => {
    /** At an address that nobody has read yet. */
    const withUrl = () =>
      trial.organisation({ source: { kind: 'url', url: `${trial.idp.url}/metadata?${randomUUID()}` } });
    const later = (ms: number) => {
      trial.faces.clock.shiftMs = ms;
      trial.idp.shiftMs = ms;
    };
    const status = async (tenant: Tenant) => (await trial.attempt(tenant)).answer.status;

    it('follows new certificates, with and without the old ones', async () => {
      const tenant = await withUrl();
      expect(await status(tenant)).toBe(302);

      await trial.idp.rotate({ overlap: true });
      later(minute);
      expect(await status(tenant)).toBe(302);
      await trial.idp.rotate({ overlap: false });
      later(2 * minute);
      const last = await status(tenant);
      later(0);

      expect(last).toBe(302);
    });

    it('reads it once an hour, and keeps the last good one while it cannot be had', async () => {
      const tenant = await withUrl();
      await status(tenant);
      const reads = trial.idp.metadataReads;
      expect(await status(tenant)).toBe(302);
      expect(trial.idp.metadataReads).toBe(reads);

      trial.idp.metadataAnswer = { status: 503, body: 'maintenance' };
      trial.faces.clock.shiftMs = 61 * minute;
      const start = await trial.faces.chat(tenant).get('/api/sign-in/sso');
      trial.faces.clock.shiftMs = 0;
      trial.idp.metadataAnswer = null;

      expect(start.status).toBe(302);
      expect(trial.idp.metadataReads).toBe(reads + 1);
    });

    it.each([
      ['it is away', () => ({ status: 404, body: '' }), 'metadata_unreachable'],
      ['it is a page', () => ({ status: 200, body: '<!doctype html>Sign in' }), 'metadata_unreadable'],
      [
        'it is over',
        () => ({ status: 200, body: trial.idp.metadata({ validUntil: from(-minute) }) }),
        'metadata_expired',
      ],
      ['it is too large', () => ({ status: 200, body: ' '.repeat(2 * 1024 * 1024) }), 'metadata_unreachable'],
    ])('says so when %s', async (_name, answer, reason) => {
      // A process that has never read it.
      const replica = await startFaces({ tenantAddresses: 'any', beside: trial.faces });
      const tenant = await withUrl();
      trial.idp.metadataAnswer = answer();

      const start = await replica.chat(tenant).get('/api/sign-in/sso');
      trial.idp.metadataAnswer = null;
      await replica.close();

      expect(start.status).toBe(502);
      expect((await trial.reasons(tenant))[0]).toContain(`sso: ${reason}`);
    });
  });

  it('knows two certificates written down at once', async () => {
    await trial.idp.rotate({ overlap: true });
    const tenant = await trial.organisation();
    const [old, fresh] = trial.idp.published.slice(-2);

    for (const key of [old, fresh])
      expect((await trial.attempt(tenant, { lie: { signing: { key: key! } } })).answer.status).toBe(302);
  });

  describe('that ends', () => {
    const path = '/api/sign-in/saml/logout';
    const target = (tenant: Tenant) => `http://${tenant.slug}.localhost:${trial.faces.port}${path}`;

    it('goes on to the provider where the connection says so', async () => {
      const tenant = await trial.organisation({ signOut: 'everywhere' });
      const { browser } = await trial.attempt(tenant);

      const { json } = await browser.call('POST', '/api/sign-out');

      const url = new URL(String(json['next']));
      expect(url.href).toContain(`${trial.idp.url}/slo?SAMLRequest=`);
      expect(url.searchParams.get('Signature')).not.toBeNull();
      const { xml } = readAsk(url.href);
      expect(xml).toContain('>ada@acme.example</saml:NameID>');
      expect(xml).toMatch(/SessionIndex[^>]*>_session-/);
      expect((await browser.get(`${path}?SAMLResponse=x`)).location).toBe('/sign-in');
    });

    it('ends by the order of the provider, on chat and admin pages, and is answered', async () => {
      const tenant = await trial.organisation({ groupRoles: [{ group: 'staff', role: 'admin' }] });
      const [one, two] = [await trial.attempt(tenant), await trial.attempt(tenant)];

      const answer = await trial.faces.chat(tenant).get(trial.idp.logoutUrl(target(tenant), ada));

      const url = new URL(answer.location ?? '');
      expect(url.href).toContain(`${trial.idp.url}/slo?SAMLResponse=`);
      expect([url.searchParams.get('RelayState'), url.searchParams.has('Signature')]).toEqual(['back', true]);
      for (const { browser } of [one, two]) expect((await browser.get('/api/me')).status).toBe(401);
    });

    it('ends one session of several by its index, by a posted order, too', async () => {
      const tenant = await trial.organisation();
      const browsers = await Promise.all(
        ['_one', '_two'].map((sessionIndex) => trial.attempt(tenant, { lie: { words: { sessionIndex } } })),
      );
      const order = trial.idp.logoutRequest(target(tenant), { ...ada, sessionIndex: '_two' });
      const SAMLRequest = Buffer.from(signElement(order, 'LogoutRequest', honestSigning(trial.idp.key))).toString(
        'base64',
      );

      const answer = await post(trial.faces.chat(tenant), trial.idp, path, { SAMLRequest });

      expect([answer.status, await trial.reasons(tenant)]).toEqual([302, []]);
      const states = await Promise.all(browsers.map(({ browser }) => browser.get('/api/me')));
      expect(states.map(({ status }) => status)).toEqual([200, 401]);
    });
  });
});
