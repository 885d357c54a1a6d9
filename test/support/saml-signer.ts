import { randomUUID } from 'node:crypto';
import { SignedXml } from 'xml-crypto';
import { encrypt, type EncryptionAlgorithm, type KeyEncryptionAlgorithm } from 'xml-encryption';
import type { SamlKey } from '#libs/identity/ports/saml-connector.js';

export const rsaSha256 = 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256';
export const sha256 = 'http://www.w3.org/2001/04/xmlenc#sha256';
const exclusive = 'http://www.w3.org/2001/10/xml-exc-c14n#';
const enveloped = 'http://www.w3.org/2000/09/xmldsig#enveloped-signature';

/** What a response says; a provider that lies changes any of it. Null leaves a part out. */
export interface SamlWords {
  issuer: string;
  responseIssuer: string | null;
  destination: string | null;
  inResponseTo: string | null;
  status: string;
  issuedAt: Date;
  assertionId: string;
  assertionIssuedAt: Date;
  nameId: string;
  nameIdFormat: string;
  method: string;
  recipient: string | null;
  confirmedFor: string | null;
  confirmedUntil: Date | null;
  notBefore: Date | null;
  notOnOrAfter: Date | null;
  audience: string | null;
  hasConditions: boolean;
  confirmations: number;
  authenticatedAt: Date | null;
  sessionIndex: string | null;
  attributes: Readonly<Record<string, readonly string[]>>;
}

export interface SamlSigning {
  readonly key: SamlKey;
  readonly what: 'assertion' | 'response' | 'both' | 'nothing';
  readonly signatureAlgorithm: string;
  readonly digestAlgorithm: string;
  readonly transforms: readonly string[];
}

const at = (name: string, value: string | null) => (value === null ? '' : ` ${name}="${value}"`);
const time = (name: string, value: Date | null) => at(name, value?.toISOString() ?? null);

function confirmation(words: SamlWords): string {
  const data = `${at('Recipient', words.recipient)}${at('InResponseTo', words.confirmedFor)}${time('NotOnOrAfter', words.confirmedUntil)}`;
  return `<saml:SubjectConfirmation Method="${words.method}"><saml:SubjectConfirmationData${data}/></saml:SubjectConfirmation>`;
}

export function assertionXml(words: SamlWords): string {
  const audience =
    words.audience === null
      ? ''
      : `<saml:AudienceRestriction><saml:Audience>${words.audience}</saml:Audience></saml:AudienceRestriction>`;
  const attributes = Object.entries(words.attributes).map(
    ([name, values]) =>
      `<saml:Attribute Name="${name}">${values.map((value) => `<saml:AttributeValue>${value}</saml:AttributeValue>`).join('')}</saml:Attribute>`,
  );
  return (
    `<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="${words.assertionId}" Version="2.0"` +
    `${time('IssueInstant', words.assertionIssuedAt)}><saml:Issuer>${words.issuer}</saml:Issuer>` +
    `<saml:Subject><saml:NameID Format="${words.nameIdFormat}">${words.nameId}</saml:NameID>` +
    `${confirmation(words).repeat(words.confirmations)}</saml:Subject>` +
    (words.hasConditions
      ? `<saml:Conditions${time('NotBefore', words.notBefore)}${time('NotOnOrAfter', words.notOnOrAfter)}>${audience}</saml:Conditions>`
      : '') +
    (words.authenticatedAt === null
      ? ''
      : `<saml:AuthnStatement${time('AuthnInstant', words.authenticatedAt)}${at('SessionIndex', words.sessionIndex)}>` +
        `<saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>`) +
    (attributes.length === 0 ? '' : `<saml:AttributeStatement>${attributes.join('')}</saml:AttributeStatement>`) +
    `</saml:Assertion>`
  );
}

export function responseXml(words: SamlWords, content: string): string {
  const issuer = words.responseIssuer === null ? '' : `<saml:Issuer>${words.responseIssuer}</saml:Issuer>`;
  return (
    `<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"` +
    ` ID="_${randomUUID()}" Version="2.0"${time('IssueInstant', words.issuedAt)}${at('Destination', words.destination)}` +
    `${at('InResponseTo', words.inResponseTo)}>${issuer}` +
    `<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:${words.status}"/></samlp:Status>` +
    `${content}</samlp:Response>`
  );
}

/** Signs the outermost element of that name, as providers do: right after its Issuer. */
export function signElement(xml: string, name: string, signing: Omit<SamlSigning, 'what'>): string {
  const { key, signatureAlgorithm, digestAlgorithm, transforms } = signing;
  const signer = new SignedXml({
    privateKey: key.privateKey,
    publicCert: key.certificate,
    signatureAlgorithm,
    canonicalizationAlgorithm: exclusive,
  });
  if (signatureAlgorithm.endsWith('hmac-sha1')) signer.enableHMAC();
  const path = `//*[local-name(.)='${name}']`;
  signer.addReference({ xpath: path, transforms: [...transforms], digestAlgorithm });
  signer.computeSignature(xml, {
    location: { reference: `${path}/*[local-name(.)='Issuer']`, action: 'after' },
    prefix: 'ds',
  });
  return signer.getSignedXml();
}

/** How an honest provider signs. */
export function honestSigning(key: SamlKey): SamlSigning {
  return {
    key,
    what: 'assertion',
    signatureAlgorithm: rsaSha256,
    digestAlgorithm: sha256,
    transforms: [enveloped, exclusive],
  };
}

export interface SamlEncryption {
  readonly certificate: string;
  readonly content: EncryptionAlgorithm;
  readonly key: KeyEncryptionAlgorithm;
}

export function encryptAssertion(assertion: string, { certificate, content, key }: SamlEncryption): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {
      rsa_pub: certificate,
      pem: certificate,
      encryptionAlgorithm: content,
      keyEncryptionAlgorithm: key,
      warnInsecureAlgorithm: false,
    };
    encrypt(assertion, options, (error, xml) => {
      if (error === null || error === undefined)
        resolve(
          `<saml:EncryptedAssertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion">${String(xml)}</saml:EncryptedAssertion>`,
        );
      else reject(error);
    });
  });
}
