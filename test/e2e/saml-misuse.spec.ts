import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { deflateRawSync } from 'node:zlib';
import { startFaces, type TestFaces } from '#test/support/faces.js';
import { post } from '#test/support/saml-idp.js';
import { honestSigning, signElement } from '#test/support/saml-signer.js';
import { ada, from, minute, SamlTrial } from '#test/support/saml-trial.js';

describe('what is true, and comes at the wrong time or place', () => {
  let trial: SamlTrial;
  let replica: TestFaces;

  beforeAll(async () => {
    trial = await SamlTrial.start();
    replica = await startFaces({ tenantAddresses: 'any', beside: trial.faces });
  });
  afterAll(async () => {
    await replica.close();
    await trial.close();
  });

  it('the same response again', async () => {
    const tenant = await trial.organisation();
    const browser = trial.faces.chat(tenant);
    const ask = await trial.setOut(browser);
    const response = await trial.idp.answer(ask, ada);
    expect((await trial.send(browser, ask, response)).status).toBe(302);

    expect((await trial.send(trial.faces.chat(tenant), ask, response)).status).toBe(401);
    expect((await trial.send(browser, ask, response)).status).toBe(401);
    expect((await trial.audit(tenant, 'refused')).map(({ reason }) => reason)).toEqual([
      'sso: request_unknown_used_or_of_another_browser',
      'sso: request_unknown_used_or_of_another_browser',
    ]);
  });

  it.each([
    ['the same process', () => trial.faces],
    ['another replica', () => replica],
  ])('the same unsolicited assertion again, at %s', async (_name, where) => {
    const tenant = await trial.organisation({ idpInitiated: true });
    const ask = { ...(await trial.setOut(trial.faces.chat(tenant))), id: null, relayState: null };
    const response = await trial.idp.answer(ask, ada);
    const first = trial.faces.chat(tenant);
    expect((await trial.send(first, ask, response)).status).toBe(302);
    const thief = where().chat(tenant);

    const { acsUrl } = ask;
    const stolen = await thief.send('POST', new URL(acsUrl).pathname, {
      form: { SAMLResponse: response },
      headers: { origin: trial.idp.url, host: new URL(acsUrl).host },
      isCrossSite: true,
    });

    expect(stolen.status).toBe(401);
    expect((await thief.get('/api/me')).status).toBe(401);
  });

  it('a response that nobody asked for', async () => {
    const tenant = await trial.organisation();
    const browser = trial.faces.chat(tenant);
    const ask = { ...(await trial.setOut(browser)), id: null, relayState: null };

    expect((await trial.send(browser, ask, await trial.idp.answer(ask, ada))).status).toBe(401);

    await trial.expectNothing(tenant, browser, 'sso: unsolicited');
  });

  it('a stolen answer, its state taken away, where providers may begin', async () => {
    const tenant = await trial.organisation({ idpInitiated: true });
    const ask = await trial.setOut(trial.faces.chat(tenant));
    const victim = trial.faces.chat(tenant);

    expect((await trial.send(victim, { ...ask, relayState: null }, await trial.idp.answer(ask, ada))).status).toBe(401);

    await trial.expectNothing(tenant, victim, 'sso: unsolicited');
  });

  it.each(['https://evil.example/', '//evil.example', '/settings'])(
    'an unsolicited response that wants to lead to %s',
    async (relayState) => {
      const tenant = await trial.organisation({ idpInitiated: true });
      const browser = trial.faces.chat(tenant);
      const ask = { ...(await trial.setOut(browser)), id: null, relayState };

      expect((await trial.send(browser, ask, await trial.idp.answer(ask, ada))).status).toBe(401);

      await trial.expectNothing(tenant, browser, 'sso: request_unknown');
    },
  );

  it('the answer to one browser, sent by another', async () => {
    const tenant = await trial.organisation();
    const ask = await trial.setOut(trial.faces.chat(tenant));
    const victim = trial.faces.chat(tenant);
    await trial.setOut(victim);

    expect((await trial.send(victim, ask, await trial.idp.answer(ask, ada))).status).toBe(401);

    await trial.expectNothing(tenant, victim, 'sso: request_unknown_used_or_of_another_browser');
  });

  it('an answer that comes after ten minutes', async () => {
    const tenant = await trial.organisation();
    const browser = trial.faces.chat(tenant);
    const ask = await trial.setOut(browser);
    trial.faces.clock.shiftMs = 11 * minute;

    const late = await trial.send(browser, ask, await trial.idp.answer(ask, ada));
    trial.faces.clock.shiftMs = 0;

    expect(late.status).toBe(401);
    await trial.expectNothing(tenant, browser, 'sso: request_unknown_used_or_of_another_browser');
  });

  it("one tenant's response at another's door, same provider and key", async () => {
    const [theirs, ours] = [await trial.organisation(), await trial.organisation()];
    const ask = await trial.setOut(trial.faces.chat(theirs));
    const browser = trial.faces.chat(ours);
    const own = await trial.setOut(browser);

    const answer = await trial.send(browser, { ...own }, await trial.idp.answer(ask, ada));

    expect(answer.status).toBe(401);
    await trial.expectNothing(ours, browser, 'sso: destination_wrong');
  });

  it("one tenant's response bent towards another's door: the audience stays", async () => {
    const [theirs, ours] = [await trial.organisation(), await trial.organisation()];
    const ask = await trial.setOut(trial.faces.chat(theirs));
    const browser = trial.faces.chat(ours);
    const own = await trial.setOut(browser);
    const words = { destination: own.acsUrl, inResponseTo: own.id, recipient: own.acsUrl, confirmedFor: own.id };

    expect((await trial.send(browser, own, await trial.idp.answer(ask, ada, { words }))).status).toBe(401);

    await trial.expectNothing(ours, browser, 'audience');
  });

  describe('on the sessions of others', () => {
    const logoutPath = '/api/sign-in/saml/logout';
    const signedIn = async () => {
      const tenant = await trial.organisation();
      const { browser } = await trial.attempt(tenant);
      const target = `http://${tenant.slug}.localhost:${trial.faces.port}${logoutPath}`;
      return { tenant, browser, target };
    };
    const cases: [string, (target: string) => string, string][] = [
      ['unsigned', (target) => trial.idp.logoutUrl(target, ada, { isSigned: false }), 'signature_missing'],
      [
        'signed by the attacker',
        (target) => trial.idp.logoutUrl(target, ada, { key: trial.attacker }),
        'signature_wrong',
      ],
      [
        'of another issuer',
        (target) =>
          trial.idp.logoutUrl(target, ada, { twist: (xml) => xml.replace(trial.idp.entityId, 'https://evil.example') }),
        'issuer_wrong',
      ],
      [
        'for another place',
        (target) =>
          trial.idp.logoutUrl(target, ada, { twist: (xml) => xml.replace(`"${target}"`, '"https://x.example"') }),
        'destination_wrong',
      ],
      [
        'of long ago',
        (target) =>
          trial.idp.logoutUrl(target, ada, {
            twist: (xml) => xml.replace(/IssueInstant="[^"]+"/, `IssueInstant="${from(-60 * minute).toISOString()}"`),
          }),
        'too_old',
      ],
      [
        'that names nobody',
        (target) =>
          trial.idp.logoutUrl(target, ada, { twist: (xml) => xml.replace(/<saml:NameID.*<\/saml:NameID>/, '') }),
        'subject_missing',
      ],
      [
        'that unfolds without end',
        (target) => trial.idp.logoutUrl(target, ada, { twist: () => ' '.repeat(5_000_000) }),
        'too_large',
      ],
      [
        'with a signature by SHA-1',
        (target) => trial.idp.logoutUrl(target, ada).replace('rsa-sha256', 'rsa-sha1'),
        'algorithm_refused',
      ],
      [
        'with its message twice',
        (target) =>
          `${trial.idp.logoutUrl(target, ada)}&SAMLRequest=${encodeURIComponent(deflateRawSync('<x/>').toString('base64'))}`,
        'signature_form',
      ],
    ];

    it.each(cases)('an order to sign out %s', async (_name, urlOf, reason) => {
      const { tenant, browser, target } = await signedIn();

      const answer = await trial.faces.chat(tenant).get(urlOf(target));

      expect(answer.status).toBe(400);
      expect((await trial.audit(tenant, 'refused')).map((event) => event.reason)).toEqual([
        expect.stringContaining(`single logout: ${reason}`),
      ]);
      expect((await browser.get('/api/me')).status).toBe(200);
    });

    it('an order for another session leaves this one', async () => {
      const { tenant, browser, target } = await signedIn();

      const url = trial.idp.logoutUrl(target, { ...ada, sessionIndex: '_another' });
      expect((await trial.faces.chat(tenant).get(url)).status).toBe(302);

      expect((await browser.get('/api/me')).status).toBe(200);
    });

    it('an order that was obeyed once already', async () => {
      const { tenant, browser, target } = await signedIn();
      const url = trial.idp.logoutUrl(target, ada);
      expect((await trial.faces.chat(tenant).get(url)).status).toBe(302);
      expect((await browser.get('/api/me')).status).toBe(401);
      const { browser: again } = await trial.attempt(tenant);

      expect((await trial.faces.chat(tenant).get(url)).status).toBe(400);

      expect((await again.get('/api/me')).status).toBe(200);
    });

    it.each([
      ['unsigned', (xml: string) => xml, 'signature_missing'],
      [
        'signed by the attacker',
        (xml: string) => signElement(xml, 'LogoutRequest', honestSigning(trial.attacker)),
        'Invalid signature',
      ],
    ])('a posted order %s', async (_name, prepare, reason) => {
      const { tenant, browser, target } = await signedIn();
      const SAMLRequest = Buffer.from(prepare(trial.idp.logoutRequest(target, ada))).toString('base64');

      expect((await post(trial.faces.chat(tenant), trial.idp, logoutPath, { SAMLRequest })).status).toBe(400);

      expect((await trial.audit(tenant, 'refused')).map((event) => event.reason)).toEqual([
        expect.stringContaining(reason),
      ]);
      expect((await browser.get('/api/me')).status).toBe(200);
    });
  });
});
