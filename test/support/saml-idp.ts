import { createSign, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { SamlKey } from '#libs/identity/ports/saml-connector.js';
import { makeSelfSigned } from '#libs/signin/self-signed.js';
import type { SamlSource } from '#libs/tenancy/domain/sso-profile.js';
import type { Answer, Browser } from './browser.js';
import {
  assertionXml,
  encryptAssertion,
  honestSigning,
  responseXml,
  rsaSha256,
  type SamlEncryption,
  type SamlSigning,
  type SamlWords,
  signElement,
} from './saml-signer.js';

const minute = 60_000;
export const emailFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const bearer = 'urn:oasis:names:tc:SAML:2.0:cm:bearer';

/** Somebody at the provider. */
export interface SamlPerson {
  readonly nameId: string;
  readonly attributes?: Readonly<Record<string, readonly string[]>>;
}

/** How an answer differs from an honest one. */
export interface Lie {
  readonly words?: Partial<SamlWords>;
  readonly signing?: Partial<SamlSigning>;
  readonly encryption?: SamlEncryption;
  /** The last word before the bytes leave. */
  readonly twist?: (xml: string) => string;
}

/** What a service provider asked, out of its redirect. */
export interface SamlAsk {
  readonly xml: string;
  readonly id: string | null;
  readonly acsUrl: string;
  readonly audience: string;
  readonly relayState: string | null;
}

/** A SAML identity provider on loopback that signs whatever a test wants it to say. */
export class SamlIdp {
  key: SamlKey;
  published: readonly SamlKey[];
  /** What /metadata answers; null: the honest document. */
  metadataAnswer: { readonly status: number; readonly body: string } | null = null;
  metadataReads = 0;
  /** How far its clock is off, in ms. */
  shiftMs = 0;
  /** Who the page signs in when a browser comes. */
  person: SamlPerson = { nameId: 'ada@acme.example' };
  private readonly server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', this.url);
    if (url.pathname === '/metadata') {
      this.metadataReads += 1;
      const answer = this.metadataAnswer ?? { status: 200, body: this.metadata() };
      response.writeHead(answer.status, { 'content-type': 'application/samlmetadata+xml' }).end(answer.body);
      return;
    }
    if (url.pathname !== '/sso') return void response.writeHead(404).end();
    const ask = readAsk(url.href);
    void this.answer(ask, this.person).then((SAMLResponse) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(formPage(ask, SAMLResponse));
    });
  });
  url = '';

  private constructor(key: SamlKey) {
    this.key = key;
    this.published = [key];
  }

  static async start(): Promise<SamlIdp> {
    const idp = new SamlIdp(await makeSelfSigned('idp', new Date()));
    await new Promise<void>((resolve) => idp.server.listen(0, '127.0.0.1', resolve));
    idp.url = `http://127.0.0.1:${(idp.server.address() as AddressInfo).port}`;
    return idp;
  }

  get entityId(): string {
    return `${this.url}/entity`;
  }

  get fieldsSource(): SamlSource {
    return {
      kind: 'fields',
      entityId: this.entityId,
      signOnUrl: `${this.url}/sso`,
      signOutUrl: `${this.url}/slo`,
      certificates: this.published.map(({ certificate }) => certificate),
    };
  }

  metadata(change: { readonly validUntil?: Date; readonly entityId?: string } = {}): string {
    const end = change.validUntil === undefined ? '' : ` validUntil="${change.validUntil.toISOString()}"`;
    const keys = this.published.map(
      ({ certificate }) =>
        `<md:KeyDescriptor use="signing"><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${certificate.replace(/-----[A-Z ]+-----|\s/g, '')}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
    );
    const service = (name: string, path: string) =>
      `<md:${name} Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="${this.url}${path}"/>`;
    return (
      `<?xml version="1.0"?><md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="${change.entityId ?? this.entityId}"${end}>` +
      `<md:IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">${keys.join('')}` +
      `${service('SingleLogoutService', '/slo')}${service('SingleSignOnService', '/sso')}</md:IDPSSODescriptor></md:EntityDescriptor>`
    );
  }

  /** Signs with a new key from now on; the old one stays published only with `overlap`. */
  async rotate({ overlap }: { readonly overlap: boolean }): Promise<void> {
    const key = await makeSelfSigned('idp', new Date());
    this.published = overlap ? [...this.published, key] : [key];
    this.key = key;
  }

  wordsFor(ask: SamlAsk, person: SamlPerson): SamlWords {
    const now = new Date(Date.now() + this.shiftMs);
    return {
      issuer: this.entityId,
      responseIssuer: this.entityId,
      destination: ask.acsUrl,
      inResponseTo: ask.id,
      status: 'Success',
      issuedAt: now,
      assertionId: `_${randomUUID()}`,
      assertionIssuedAt: now,
      nameId: person.nameId,
      nameIdFormat: emailFormat,
      method: bearer,
      recipient: ask.acsUrl,
      confirmedFor: ask.id,
      confirmedUntil: new Date(now.getTime() + 5 * minute),
      notBefore: new Date(now.getTime() - minute),
      notOnOrAfter: new Date(now.getTime() + 5 * minute),
      audience: ask.audience,
      hasConditions: true,
      confirmations: 1,
      authenticatedAt: now,
      sessionIndex: `_session-${randomUUID()}`,
      attributes: person.attributes ?? {},
    };
  }

  /** A response as the form carries it. */
  async answer(ask: SamlAsk, person: SamlPerson, lie: Lie = {}): Promise<string> {
    const words = { ...this.wordsFor(ask, person), ...lie.words };
    const signing = { ...honestSigning(this.key), ...lie.signing };
    const signed = (xml: string, name: string, isWanted: boolean) => (isWanted ? signElement(xml, name, signing) : xml);
    const { what } = signing;
    const plain = signed(assertionXml(words), 'Assertion', what === 'assertion' || what === 'both');
    const content = lie.encryption === undefined ? plain : await encryptAssertion(plain, lie.encryption);
    const xml = signed(responseXml(words, content), 'Response', what === 'response' || what === 'both');
    return Buffer.from(lie.twist === undefined ? xml : lie.twist(xml)).toString('base64');
  }

  /** An order to sign out by redirect: the address the browser is sent to. */
  logoutUrl(
    target: string,
    order: { readonly nameId: string; readonly sessionIndex?: string | null },
    how: { readonly key?: SamlKey; readonly isSigned?: boolean; readonly twist?: (xml: string) => string } = {},
  ): string {
    const xml = this.logoutRequest(target, order);
    const request = deflateRawSync(how.twist === undefined ? xml : how.twist(xml)).toString('base64');
    const query = new URLSearchParams({ SAMLRequest: request, RelayState: 'back', SigAlg: rsaSha256 }).toString();
    if (how.isSigned === false) return `${target}?${new URLSearchParams({ SAMLRequest: request }).toString()}`;
    const signature = createSign('sha256')
      .update(query)
      .sign((how.key ?? this.key).privateKey, 'base64');
    return `${target}?${query}&${new URLSearchParams({ Signature: signature }).toString()}`;
  }

  logoutRequest(
    target: string,
    { nameId, sessionIndex = null }: { readonly nameId: string; readonly sessionIndex?: string | null },
  ): string {
    const index = sessionIndex === null ? '' : `<samlp:SessionIndex>${sessionIndex}</samlp:SessionIndex>`;
    return (
      `<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
      ` ID="_${randomUUID()}" Version="2.0" IssueInstant="${new Date().toISOString()}" Destination="${target}">` +
      `<saml:Issuer>${this.entityId}</saml:Issuer><saml:NameID>${nameId}</saml:NameID>${index}</samlp:LogoutRequest>`
    );
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** What a redirect to the provider asks. */
export function readAsk(location: string): SamlAsk {
  const url = new URL(location);
  const xml = inflateRawSync(Buffer.from(url.searchParams.get('SAMLRequest') ?? '', 'base64')).toString('utf8');
  const find = (pattern: RegExp) => pattern.exec(xml)?.[1] ?? '';
  return {
    xml,
    id: find(/ ID="([^"]+)"/),
    acsUrl: find(/AssertionConsumerServiceURL="([^"]+)"/),
    audience: find(/<saml:Issuer[^>]*>([^<]+)</),
    relayState: url.searchParams.get('RelayState'),
  };
}

function formPage({ acsUrl, relayState }: SamlAsk, SAMLResponse: string): string {
  const field = (name: string, value: string) => `<input type="hidden" name="${name}" value="${value}">`;
  return (
    `<!doctype html><title>Identity provider</title><form method="post" action="${acsUrl}">` +
    `${field('SAMLResponse', SAMLResponse)}${relayState === null ? '' : field('RelayState', relayState)}` +
    `<button type="submit">Sign in as Ada</button></form>`
  );
}

/** The provider's page sends its form: a browser brings along what crosses sites, and nothing else. */
export function post(browser: Browser, idp: SamlIdp, url: string, form: Record<string, string>): Promise<Answer> {
  return browser.send('POST', url, { form, headers: { origin: idp.url }, isCrossSite: true });
}
