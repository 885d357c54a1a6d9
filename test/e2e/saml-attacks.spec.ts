import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { randomBytes } from 'node:crypto';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import {
  entityBomb,
  evilName,
  externalEntity,
  extraTransform,
  secondSignedInfo,
  stripped,
  wrappings,
} from '#test/support/saml-attacks.js';
import type { Lie } from '#test/support/saml-idp.js';
import { ada, from, minute, SamlTrial } from '#test/support/saml-trial.js';

const day = 24 * 60 * minute;

describe('attacks on a sign-in by SAML', () => {
  let trial: SamlTrial;
  /** Where nobody ever gets in. */
  let fresh: Tenant;

  beforeAll(async () => {
    trial = await SamlTrial.start();
    fresh = await trial.organisation();
  });
  afterAll(() => trial.close());

  const expectRefused = async (lie: Lie, reason: string) => {
    const before = (await trial.reasons(fresh)).length;
    const { browser, answer } = await trial.attempt(fresh, { lie });
    expect([answer.status, answer.json['error']]).toMatchObject([401, { code: 'sso_failed' }]);
    expect(answer.text).not.toContain(reason);
    await trial.expectNothing(fresh, browser, `sso: ${reason}`, before);
  };

  it('are told from an honest sign-in, which works', async () => {
    const tenant = await trial.organisation();

    const { browser, answer } = await trial.attempt(tenant);

    expect(answer.status).toBe(302);
    expect((await browser.get('/api/me')).json).toMatchObject({ email: 'ada@acme.example', role: 'member' });
  });

  describe('by moving a signature about', () => {
    it.each(Object.entries(wrappings))('%s', async (_name, { signed, twist, reason }) => {
      await expectRefused({ signing: { what: signed }, twist }, reason);
    });

    it('a second assertion, signed as well', async () => {
      const tenant = await trial.organisation();
      const browser = trial.faces.chat(tenant);
      const ask = await trial.setOut(browser);
      const [one, two] = await Promise.all(
        ['ada@acme.example', evilName].map(async (nameId) =>
          Buffer.from(await trial.idp.answer(ask, { nameId }), 'base64').toString('utf8'),
        ),
      );
      const second = /<saml:Assertion.*<\/saml:Assertion>/s.exec(two ?? '')?.[0] ?? '';
      const both = (one ?? '').replace('</samlp:Response>', `${second}</samlp:Response>`);

      await trial.send(browser, ask, Buffer.from(both).toString('base64'));

      await trial.expectNothing(tenant, browser, 'assertions_not_one: there are 2');
    });

    it('two elements with the same id', () =>
      expectRefused(
        {
          twist: (xml) =>
            xml.replace(
              /<samlp:Status>/,
              (all) => `<samlp:Extensions ID="${/<saml:Assertion[^>]* ID="([^"]+)"/.exec(xml)?.[1] ?? ''}"/>${all}`,
            ),
        },
        'ids_not_unique',
      ));

    it('two roots', () => expectRefused({ twist: (xml) => `${xml}${xml}` }, 'not_xml'));
  });

  describe('by the signature itself', () => {
    const cases: [string, () => Lie, string][] = [
      ['none', () => ({ signing: { what: 'nothing' } }), 'signature_missing'],
      ['one that was taken away', () => ({ twist: stripped }), 'signature_missing'],
      [
        "the attacker's key, with its own certificate inside",
        () => ({ signing: { key: trial.attacker } }),
        'signature_wrong',
      ],
      ['a name changed after signing', () => ({ twist: (xml) => xml.replaceAll('>ada@', '>eve@') }), 'signature_wrong'],
      [
        'a response signed, its name changed after',
        () => ({ signing: { what: 'response' }, twist: (xml) => xml.replaceAll('>ada@', '>eve@') }),
        'signature_wrong',
      ],
      ['two SignedInfo', () => ({ twist: secondSignedInfo }), 'signature_form: not exactly one SignedInfo'],
      ['a transform of XPath', () => ({ twist: extraTransform }), 'algorithm_refused: Transform'],
      [
        'RSA with SHA-1',
        () => ({ signing: { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' } }),
        'algorithm_refused: SignatureMethod',
      ],
      [
        'a digest with SHA-1',
        () => ({ signing: { digestAlgorithm: 'http://www.w3.org/2000/09/xmldsig#sha1' } }),
        'algorithm_refused: DigestMethod',
      ],
      [
        'HMAC with the public certificate as key',
        () => ({
          signing: {
            signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#hmac-sha1',
            key: { ...trial.idp.key, privateKey: trial.idp.key.certificate },
          },
        }),
        'algorithm_refused: SignatureMethod',
      ],
      [
        'a reference to the whole document',
        () => ({ twist: (xml) => xml.replace(/URI="#[^"]+"/, 'URI=""') }),
        'signature_form',
      ],
    ];

    it.each(cases)('%s', (_name, lie, reason) => expectRefused(lie(), reason));

    it('a comment in the digest changes nothing that is said', async () => {
      const tenant = await trial.organisation();

      const { browser } = await trial.attempt(tenant, {
        lie: { twist: (xml) => xml.replace(/<ds:DigestValue>(.{6})/, '<ds:DigestValue>$1<!-- x -->') },
      });

      expect(['', 'ada@acme.example']).toContain((await browser.get('/api/me')).json['email'] ?? '');
    });

    it('a comment in a name cuts nothing off', async () => {
      const tenant = await trial.organisation();

      const { browser, answer } = await trial.attempt(tenant, {
        lie: {
          twist: (xml) => xml.replace('ada@acme.example.evil.example', 'ada@acme.example<!-- x -->.evil.example'),
        },
        person: { nameId: 'ada@acme.example.evil.example' },
      });

      expect(answer.status).toBe(302);
      expect((await browser.get('/api/me')).json['email']).toBe('ada@acme.example.evil.example');
    });
  });

  describe('by what is said', () => {
    const cases: [string, Lie, string][] = [
      ['another issuer', { words: { issuer: 'https://evil.example' } }, 'issuer_wrong: https://evil.example'],
      ['another issuer of the response', { words: { responseIssuer: 'https://evil.example' } }, 'issuer_wrong'],
      ['another audience', { words: { audience: 'https://other.example' } }, 'audience_wrong: https://other.example'],
      ['no audience', { words: { audience: null } }, 'audience_wrong: none named'],
      ['another destination', { words: { destination: 'https://other.example/acs' } }, 'destination_wrong'],
      ['no destination', { words: { destination: null } }, 'destination_wrong: none'],
      ['another recipient', { words: { recipient: 'https://other.example/acs' } }, 'recipient_wrong'],
      ['no recipient', { words: { recipient: null } }, 'recipient_wrong: none'],
      ['a status of failure around a signed assertion', { words: { status: 'AuthnFailed' } }, 'status: AuthnFailed'],
      [
        'a holder-of-key confirmation',
        { words: { method: 'urn:oasis:names:tc:SAML:2.0:cm:holder-of-key' } },
        'confirmation_not_one_bearer',
      ],
      ['no confirmation', { words: { confirmations: 0 } }, 'confirmation_not_one_bearer'],
      ['two confirmations', { words: { confirmations: 2 } }, 'confirmation_not_one_bearer'],
      ['a confirmation without end', { words: { confirmedUntil: null } }, 'not_accepted: Error parsing NotOnOrAfter'],
      ['no conditions', { words: { hasConditions: false } }, 'conditions_missing'],
      ['an answer to another request', { words: { inResponseTo: '_other', confirmedFor: '_other' } }, 'in_response_to'],
      [
        'a confirmation of another request',
        { words: { confirmedFor: '_other' } },
        'not_accepted: InResponseTo does not match',
      ],
      ['a confirmation of no request', { words: { confirmedFor: null } }, 'in_response_to_wrong'],
      ['an answer to no request', { words: { inResponseTo: null, confirmedFor: null } }, 'in_response_to_wrong'],
      ['conditions that are over', { words: { notOnOrAfter: from(-2 * minute) } }, 'expired'],
      ['a confirmation that is over', { words: { confirmedUntil: from(-2 * minute) } }, 'expired'],
      ['conditions to come', { words: { notBefore: from(10 * minute) } }, 'not_yet_valid'],
      [
        'an assertion of the future',
        { words: { assertionIssuedAt: from(30 * minute) } },
        "clock_off: the provider's clock is",
      ],
      [
        'an assertion older than the request',
        { words: { assertionIssuedAt: from(-5 * minute) } },
        "clock_off: the provider's clock is",
      ],
      ['a sign-in of long ago', { words: { authenticatedAt: from(-91 * day) } }, 'sign_in_too_old'],
      ['a sign-in of the future', { words: { authenticatedAt: from(10 * minute) } }, 'clock_off'],
      ['no sign-in at all', { words: { authenticatedAt: null } }, 'sign_in_missing'],
      [
        'a name that is another one each time',
        { words: { nameIdFormat: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' } },
        'subject_transient',
      ],
      ['no name', { words: { nameId: '' } }, 'subject_missing'],
    ];

    it.each(cases)('%s', (_name, lie, reason) => expectRefused(lie, reason));

    it.each([
      ['ahead', 50_000],
      ['behind', -50_000],
    ])('lets a clock be a little %s', async (_name, ms) => {
      const tenant = await trial.organisation();
      const words = { issuedAt: from(ms), assertionIssuedAt: from(ms), notBefore: from(ms), authenticatedAt: from(ms) };

      expect((await trial.attempt(tenant, { lie: { words } })).answer.status).toBe(302);
    });
  });

  describe('by the document', () => {
    it('an external entity', () => expectRefused({ twist: externalEntity }, 'dtd'));
    it('an entity bomb', () => expectRefused({ twist: entityBomb }, 'dtd'));
    it('what is no XML', () => expectRefused({ twist: () => 'SAML, honestly' }, 'not_xml'));
    it('another message', () =>
      expectRefused({ twist: () => trial.idp.logoutRequest('https://x.example', ada) }, 'not_a_response'));
    it('deep nesting', () =>
      expectRefused(
        { twist: (xml) => xml.replace('<samlp:Status>', `${'<a>'.repeat(500)}${'</a>'.repeat(500)}<samlp:Status>`) },
        'not_xml: nested too deeply',
      ));
    it('more than 256 kB', () =>
      expectRefused(
        { twist: (xml) => xml.replace('<samlp:Status>', `<!--${'x'.repeat(300_000)}--><samlp:Status>`) },
        'too_large',
      ));

    it('five megabytes, which are not even read', async () => {
      const tenant = await trial.organisation();
      const browser = trial.faces.chat(tenant);
      const ask = await trial.setOut(browser);

      const answer = await trial.send(browser, ask, randomBytes(3_750_000).toString('base64'));

      expect(answer.status).toBe(413);
      expect(await trial.audit(tenant, 'success')).toEqual([]);
      expect(await trial.reasons(tenant)).toEqual([expect.stringContaining('too_large')]);
    });
  });

  describe('by encryption', () => {
    const key = 'http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p' as const;
    const content = 'http://www.w3.org/2009/xmlenc11#aes256-gcm' as const;
    const certificateOf = async (tenant: Tenant) => {
      const metadata = (await trial.faces.chat(tenant).get('/api/sign-in/saml/metadata')).text;
      const base64 = /use="encryption">.*?<ds:X509Certificate>([^<]+)/s.exec(metadata)?.[1] ?? '';
      return `-----BEGIN CERTIFICATE-----\n${(base64.match(/.{1,64}/g) ?? []).join('\n')}\n-----END CERTIFICATE-----\n`;
    };
    const cases: [string, (certificate: string) => Lie, string][] = [
      ['nothing is, where it must be', () => ({}), 'encryption_missing'],
      [
        'a key by RSA 1.5, which leaks',
        (certificate) => ({
          encryption: { certificate, content, key: 'http://www.w3.org/2001/04/xmlenc#rsa-1_5' },
        }),
        'encryption_refused',
      ],
      [
        'triple DES',
        (certificate) => ({
          encryption: { certificate, key, content: 'http://www.w3.org/2001/04/xmlenc#tripledes-cbc' },
        }),
        'encryption_refused',
      ],
      [
        'for another key',
        () => ({ encryption: { certificate: trial.attacker.certificate, content, key } }),
        'not_decrypted',
      ],
      [
        'what anybody could have encrypted: no signature',
        (certificate) => ({ encryption: { certificate, content, key }, signing: { what: 'nothing' } }),
        'signature_missing',
      ],
      [
        "the attacker's signature within",
        (certificate) => ({ encryption: { certificate, content, key }, signing: { key: trial.attacker } }),
        'signature_wrong',
      ],
      [
        'SHA-1 within',
        (certificate) => ({
          encryption: { certificate, content, key },
          signing: { signatureAlgorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1' },
        }),
        'algorithm_refused',
      ],
    ];

    it.each(cases)('%s', async (_name, lie, reason) => {
      const tenant = await trial.organisation({ encryption: 'required' });
      const { browser, answer } = await trial.attempt(tenant, { lie: lie(await certificateOf(tenant)) });

      expect(answer.status).toBe(401);
      await trial.expectNothing(tenant, browser, `sso: ${reason}`);
    });

    it('an honest one is taken', async () => {
      const tenant = await trial.organisation({ encryption: 'required' });
      const lie = { encryption: { certificate: await certificateOf(tenant), content, key } };

      expect((await trial.attempt(tenant, { lie })).answer.status).toBe(302);
    });
  });
});
