import { createPublicKey, verify as verifySignature } from 'node:crypto';
import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';
import type { SamlClient, SamlLogoutMessage, SamlLogoutOrder } from '#libs/identity/ports/saml-connector.js';
import type { SsoSessionHint } from '#libs/identity/ports/sso-connector.js';
import { nameIdOf, requiredMoment } from './saml-assertion.js';
import type { SamlProvider } from './saml-provider.js';
import { SamlRefused } from './saml-refused.js';
import { fromBase64 } from './saml-response.js';
import { longestWayMs, skewMs } from './saml-rules.js';
import { checkSignatures } from './saml-signature-form.js';
import { attribute, childrenOf, isNamed, mostXmlBytes, onlyChild, parseXml, type XmlElement } from './saml-xml.js';

/** By what an order is judged. */
interface LogoutJudge {
  readonly client: SamlClient;
  readonly provider: SamlProvider;
  readonly now: Date;
  /** Verifies the signature inside a posted message, or throws. */
  readonly verify: (message: string) => Promise<unknown>;
}

const hashes: Readonly<Record<string, string>> = {
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256': 'sha256',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha384': 'sha384',
  'http://www.w3.org/2001/04/xmldsig-more#rsa-sha512': 'sha512',
};

/**
 * Checks a LogoutRequest (SAML 2.0 core, section 3.7.1). Nobody's session ends by one that is not signed.
 * @throws {SamlRefused} that says why, or what the verification throws
 */
export async function readLogoutRequest(by: LogoutJudge, message: SamlLogoutMessage): Promise<SamlLogoutOrder> {
  if (message.binding === 'redirect') {
    const { xml, relayState } = await signedQuery(by.provider, message.query);
    return orderOf(by, parseXml(xml), relayState);
  }
  const root = parseXml(fromBase64(message.request));
  if (checkSignatures(root, [root]) === 0) throw new SamlRefused('signature_missing', 'the order is not signed');
  await by.verify(message.request);
  return orderOf(by, root, message.relayState);
}

/** The message of a signed query (SAML 2.0 bindings, section 3.4.4.1): the signature covers the text as it was sent. */
async function signedQuery(
  { certificates }: SamlProvider,
  query: string,
): Promise<{ readonly xml: string; readonly relayState: string | null }> {
  const raw = new Map<string, string>();
  for (const pair of query.split('&')) {
    const [name = '', value = ''] = pair.split(/=(.*)/s);
    if (raw.has(name)) throw new SamlRefused('signature_form', `${name} is there twice`);
    raw.set(name, value);
  }
  const valueOf = (name: string): string | null => new URLSearchParams(`v=${raw.get(name) ?? ''}`).get('v');
  if (!raw.has('Signature')) throw new SamlRefused('signature_missing', 'the order is not signed');
  const hash = hashes[valueOf('SigAlg') ?? ''];
  if (hash === undefined) throw new SamlRefused('algorithm_refused', valueOf('SigAlg') ?? 'none');
  const signed = ['SAMLRequest', 'RelayState', 'SigAlg'].filter((name) => raw.has(name));
  const text = Buffer.from(signed.map((name) => `${name}=${raw.get(name) ?? ''}`).join('&'));
  const signature = Buffer.from(valueOf('Signature') ?? '', 'base64');
  if (!certificates.some((pem) => verifySignature(hash, text, createPublicKey(pem), signature)))
    throw new SamlRefused('signature_wrong', 'no certificate of the provider fits');
  return { xml: await inflated(valueOf('SAMLRequest') ?? ''), relayState: valueOf('RelayState') };
}

/** A few bytes can unfold into gigabytes: they are not let. */
async function inflated(base64: string): Promise<string> {
  try {
    const bytes = await promisify(inflateRaw)(Buffer.from(base64, 'base64'), { maxOutputLength: mostXmlBytes });
    return bytes.toString('utf8');
  } catch {
    throw new SamlRefused('too_large', `it does not unfold into at most ${mostXmlBytes} bytes`);
  }
}

function orderOf({ client, provider, now }: LogoutJudge, root: XmlElement, relayState: string | null): SamlLogoutOrder {
  if (!isNamed(root, 'protocol', 'LogoutRequest') || attribute(root, 'Version') !== '2.0')
    throw new SamlRefused('not_a_logout_request', root.name);
  const issuer = onlyChild(root, 'assertion', 'Issuer')?.text.trim() ?? 'none';
  if (issuer !== provider.entityId) throw new SamlRefused('issuer_wrong', issuer);
  const destination = attribute(root, 'Destination');
  if (destination !== client.singleLogoutUrl) throw new SamlRefused('destination_wrong', destination ?? 'none');
  const issuedAt = requiredMoment(attribute(root, 'IssueInstant'), 'IssueInstant').getTime();
  if (Math.abs(now.getTime() - issuedAt) > longestWayMs + skewMs) throw new SamlRefused('too_old', 'or a clock is off');
  const end = attribute(root, 'NotOnOrAfter');
  if (end !== null && requiredMoment(end, 'NotOnOrAfter').getTime() + skewMs <= now.getTime())
    throw new SamlRefused('expired', end);
  const nameId = nameIdOf(onlyChild(root, 'assertion', 'NameID'));
  if (nameId === null) throw new SamlRefused('subject_missing', 'no NameID that can be read');
  const requestId = attribute(root, 'ID');
  if (requestId === null) throw new SamlRefused('not_a_logout_request', 'it has no ID');
  return {
    connection: `saml:${provider.entityId}`,
    subject: nameId.value,
    providerSessions: childrenOf(root, 'protocol', 'SessionIndex').map(({ text }) => text.trim()),
    requestId,
    expiresAt: new Date(issuedAt + 2 * (longestWayMs + skewMs)),
    relayState,
  };
}

/** Whom to name when the provider is asked to end its session. */
export function logoutUser({ subject, providerSession, signOutHint }: SsoSessionHint) {
  const hint = JSON.parse(signOutHint ?? '{}') as Readonly<Record<string, string | null>>;
  const text = (name: string) => hint[name] ?? undefined;
  const [nameQualifier, spNameQualifier] = [text('nameQualifier'), text('spNameQualifier')];
  return {
    issuer: '',
    nameID: subject,
    nameIDFormat: text('format') ?? 'urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified',
    ...(nameQualifier === undefined ? {} : { nameQualifier }),
    ...(spNameQualifier === undefined ? {} : { spNameQualifier }),
    ...(providerSession === null ? {} : { sessionIndex: providerSession }),
  };
}
