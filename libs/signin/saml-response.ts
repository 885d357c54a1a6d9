import type { SamlKey } from '#libs/identity/ports/saml-connector.js';
import { checkEncryption, openEncrypted } from './saml-decrypt.js';
import { SamlRefused } from './saml-refused.js';
import { checkSignatures } from './saml-signature-form.js';
import { attribute, isNamed, mostXmlBytes, onlyChild, parseXml, within, type XmlElement } from './saml-xml.js';

/** A response as it came: nothing in it is proven yet. */
export interface SamlResponse {
  readonly root: XmlElement;
  readonly inResponseTo: string | null;
  /** The key that opens its assertion; null where nothing is encrypted. */
  readonly openedBy: SamlKey | null;
}

const success = 'urn:oasis:names:tc:SAML:2.0:status:Success';

/**
 * Looks at everything about a response that can be seen before its signature is computed, so that what is computed
 * has one meaning only: one assertion, each signature where it belongs, algorithms that hold.
 * @throws {SamlRefused} that says what is wrong
 */
export async function readResponse(
  answer: string,
  { keys, mustEncrypt }: { readonly keys: readonly SamlKey[]; readonly mustEncrypt: boolean },
): Promise<SamlResponse> {
  const root = parseXml(fromBase64(answer));
  if (!isNamed(root, 'protocol', 'Response') || attribute(root, 'Version') !== '2.0')
    throw new SamlRefused('not_a_response', `the document is a ${root.name}`);
  refuseFailure(root);
  const inResponseTo = attribute(root, 'InResponseTo');
  const assertion = theAssertion(root);
  const isPlain = assertion.name === 'Assertion';
  if (isPlain && mustEncrypt)
    throw new SamlRefused('encryption_missing', 'the assertion is not encrypted, and this connection asks for it');
  const signatures = checkSignatures(root, isPlain ? [root, assertion] : [root]);
  if (!isPlain) return { root, inResponseTo, openedBy: await lookInside(assertion, keys, signatures) };
  refuseUnsigned(signatures);
  return { root, inResponseTo, openedBy: null };
}

/** @throws {SamlRefused} not_base64, too_large */
export function fromBase64(text: string): string {
  if (text.length > (mostXmlBytes * 3) / 2) throw new SamlRefused('too_large', `more than ${mostXmlBytes} bytes`);
  if (!/^[A-Za-z0-9+/\s]+={0,2}\s*$/.test(text)) throw new SamlRefused('not_base64');
  return Buffer.from(text, 'base64').toString('utf8');
}

/** A provider that says no: its words are the most useful ones there are. */
function refuseFailure(root: XmlElement): void {
  const status = onlyChild(root, 'protocol', 'Status');
  const code = onlyChild(status, 'protocol', 'StatusCode');
  if (attribute(code, 'Value') === success) return;
  const names = [code, onlyChild(code, 'protocol', 'StatusCode')].map((one) => attribute(one, 'Value') ?? '');
  const message = onlyChild(status, 'protocol', 'StatusMessage')?.text ?? '';
  const words = [...names.map((name) => name.split(':').at(-1)), message].filter((word) => word !== '').join(', ');
  throw new SamlRefused('status', words === '' ? 'none given' : words);
}

function theAssertion(root: XmlElement): XmlElement {
  const all = [...within(root)].filter(({ name }) => name === 'Assertion' || name === 'EncryptedAssertion');
  const [assertion] = root.children.filter((child) => all.includes(child));
  if (all.length !== 1 || assertion === undefined || !isNamed(assertion, 'assertion', assertion.name))
    throw new SamlRefused('assertions_not_one', `there are ${all.length}`);
  return assertion;
}

async function lookInside(encrypted: XmlElement, keys: readonly SamlKey[], outside: number): Promise<SamlKey> {
  checkEncryption(encrypted);
  const { text, key } = await openEncrypted(encrypted.source(), keys);
  const assertion = parseXml(text);
  const all = [...within(assertion)].filter(({ name }) => name === 'Assertion' || name === 'EncryptedAssertion');
  if (!isNamed(assertion, 'assertion', 'Assertion') || all.length !== 1)
    throw new SamlRefused('assertions_not_one', 'what was encrypted is not one assertion');
  refuseUnsigned(outside + checkSignatures(assertion, [assertion]));
  return key;
}

function refuseUnsigned(signatures: number): void {
  if (signatures === 0) throw new SamlRefused('signature_missing', 'neither the response nor the assertion is signed');
}
