import { decrypt } from 'xml-encryption';
import type { SamlKey } from '#libs/identity/ports/saml-connector.js';
import { SamlRefused } from './saml-refused.js';
import { attribute, onlyChild, within, type XmlElement } from './saml-xml.js';

/** CBC is still what most providers send; what an attacker could gain by bending it is caught by the signature. */
const contentMethods = new Set([
  'http://www.w3.org/2009/xmlenc11#aes128-gcm',
  'http://www.w3.org/2009/xmlenc11#aes256-gcm',
  'http://www.w3.org/2001/04/xmlenc#aes128-cbc',
  'http://www.w3.org/2001/04/xmlenc#aes256-cbc',
]);
const keyMethods = new Set(['http://www.w3.org/2001/04/xmlenc#rsa-oaep-mgf1p']);

/** @throws {SamlRefused} encryption_refused for algorithms that leak, or more than one of anything */
export function checkEncryption(encrypted: XmlElement): void {
  const data = onlyChild(encrypted, 'encryption', 'EncryptedData');
  const count = (name: string) => [...within(encrypted)].filter((element) => element.name === name).length;
  if (data === null || count('EncryptedData') !== 1 || count('EncryptedKey') !== 1)
    throw new SamlRefused('encryption_refused', 'not exactly one key and one content');
  allow(onlyChild(data, 'encryption', 'EncryptionMethod'), contentMethods);
  const key = [...within(encrypted)].find(({ name }) => name === 'EncryptedKey') ?? null;
  allow(onlyChild(key, 'encryption', 'EncryptionMethod'), keyMethods);
}

function allow(method: XmlElement | null, methods: ReadonlySet<string>): void {
  const algorithm = attribute(method, 'Algorithm') ?? 'none';
  if (!methods.has(algorithm)) throw new SamlRefused('encryption_refused', algorithm);
}

/**
 * Opens an encrypted element with whichever of the tenant's keys fits, and says which.
 * @throws {SamlRefused} not_decrypted: one reason for every failure, so that nothing is learnt by trying
 */
export async function openEncrypted(
  xml: string,
  keys: readonly SamlKey[],
): Promise<{ readonly text: string; readonly key: SamlKey }> {
  for (const key of keys) {
    const text = await open(xml, key).catch(() => null);
    if (text !== null) return { text, key };
  }
  throw new SamlRefused(
    'not_decrypted',
    "no key of ours opens it; give the provider this organisation's metadata anew",
  );
}

function open(xml: string, { privateKey }: SamlKey): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { key: privateKey, disallowDecryptionWithInsecureAlgorithm: true };
    decrypt(xml, options, (error, text) => {
      if (error === null || error === undefined) resolve(String(text));
      else reject(error);
    });
  });
}
