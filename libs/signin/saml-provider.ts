import { X509Certificate } from 'node:crypto';
import type { SamlSource } from '#libs/tenancy/domain/sso-profile.js';
import { SamlRefused } from './saml-refused.js';
import { attribute, childrenOf, isNamed, momentOf, onlyChild, parseXml, within, type XmlElement } from './saml-xml.js';

/** A SAML identity provider, however it was described. */
export interface SamlProvider {
  readonly entityId: string;
  /** Where people are sent by HTTP-Redirect. */
  readonly signOnUrl: string;
  readonly signOutUrl: string | null;
  /** Where answers to its own orders go. */
  readonly signOutAnswerUrl: string | null;
  /** PEM; more than one while one replaces the other. */
  readonly certificates: readonly string[];
  readonly validUntil: Date | null;
  /** Whether the description itself is signed; the way it came is what is trusted. */
  readonly isSigned: boolean;
}

const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';

/**
 * The provider that a source describes, a document at an address already read.
 * @throws {SamlRefused} that tells the admin what is missing
 */
export function readProvider(source: Exclude<SamlSource, { kind: 'url' }>): SamlProvider {
  if (source.kind === 'document') return readMetadata(source.xml);
  const { entityId, signOnUrl, signOutUrl, certificates } = source;
  return {
    entityId,
    signOnUrl: address(signOnUrl),
    signOutUrl: signOutUrl === null ? null : address(signOutUrl),
    signOutAnswerUrl: signOutUrl === null ? null : address(signOutUrl),
    certificates: certificates.map(certificateOf),
    validUntil: null,
    isSigned: false,
  };
}

/**
 * Reads a metadata document of one identity provider.
 * @throws {SamlRefused} metadata_unreadable, metadata_incomplete, metadata_ambiguous
 */
export function readMetadata(text: string): SamlProvider {
  const root = parsed(text);
  const entities = [...within(root)].filter(
    (element) => isNamed(element, 'metadata', 'EntityDescriptor') && roleOf(element) !== null,
  );
  const [entity] = entities;
  const role = entity === undefined ? null : roleOf(entity);
  if (entity === undefined || role === null)
    throw new SamlRefused('metadata_incomplete', 'it describes no identity provider (IDPSSODescriptor)');
  if (entities.length > 1)
    throw new SamlRefused(
      'metadata_ambiguous',
      `it describes ${entities.length} identity providers; name one by its own`,
    );
  const entityId = attribute(entity, 'entityID');
  const signOnUrl = serviceOf(role, 'SingleSignOnService', 'Location');
  if (entityId === null) throw new SamlRefused('metadata_incomplete', 'it has no entityID');
  if (signOnUrl === null)
    throw new SamlRefused('metadata_incomplete', 'it has no SingleSignOnService for HTTP-Redirect');
  const signOutUrl = serviceOf(role, 'SingleLogoutService', 'Location');
  return {
    entityId,
    signOnUrl,
    signOutUrl,
    signOutAnswerUrl: serviceOf(role, 'SingleLogoutService', 'ResponseLocation') ?? signOutUrl,
    certificates: certificatesOf(role),
    validUntil: earliest([root, entity, role].map((one) => momentOf(attribute(one, 'validUntil')))),
    isSigned: [root, entity].some((one) => onlyChild(one, 'signature', 'Signature') !== null),
  };
}

function parsed(text: string): XmlElement {
  try {
    return parseXml(text.replace(/^\uFEFF/, ''));
  } catch (error) {
    if (!(error instanceof SamlRefused)) throw error;
    throw new SamlRefused('metadata_unreadable', `it is no XML document that can be read (${error.message})`);
  }
}

function roleOf(entity: XmlElement): XmlElement | null {
  return onlyChild(entity, 'metadata', 'IDPSSODescriptor');
}

function serviceOf(role: XmlElement, name: string, location: string): string | null {
  const found = childrenOf(role, 'metadata', name).find((service) => attribute(service, 'Binding') === redirect);
  const text = found === undefined ? null : attribute(found, location);
  return text === null ? null : address(text);
}

function certificatesOf(role: XmlElement): readonly string[] {
  const keys = childrenOf(role, 'metadata', 'KeyDescriptor').filter((key) => attribute(key, 'use') !== 'encryption');
  const texts = keys.flatMap((key) =>
    [...within(key)].filter((element) => isNamed(element, 'signature', 'X509Certificate')).map(({ text }) => text),
  );
  if (texts.length === 0) throw new SamlRefused('metadata_incomplete', 'it has no signing certificate');
  return [...new Set(texts.map(certificateOf))].slice(0, 8);
}

/** PEM of a certificate written as PEM or as bare base64, with an RSA key that is long enough. */
function certificateOf(text: string): string {
  const base64 = text.replace(/-----(BEGIN|END) CERTIFICATE-----|\s/g, '');
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw new SamlRefused('certificate_unreadable', `the one that begins with ${base64.slice(0, 12)}`);
  }
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = certificate.publicKey;
  if (type !== 'rsa' || (details?.modulusLength ?? 0) < 2048)
    throw new SamlRefused(
      'certificate_refused',
      `its key is ${type ?? 'unknown'}; RSA with 2048 bits or more is needed`,
    );
  return certificate.toString();
}

/** A place to send a browser to: nothing that runs in it. */
function address(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:') || url.username !== '')
    throw new SamlRefused('metadata_incomplete', `${text.slice(0, 80)} is not a web address`);
  return url.href;
}

function earliest(moments: readonly (Date | null)[]): Date | null {
  const [first] = moments.filter((moment) => moment !== null).sort((one, other) => one.getTime() - other.getTime());
  return first ?? null;
}
