import type { SamlSide } from '#libs/identity/ports/saml-connector.js';
import { namespaces } from './saml-xml.js';

const bindings = 'urn:oasis:names:tc:SAML:2.0:bindings';
const escapes: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (character) => escapes[character] ?? '');
}

function keyOf(use: 'signing' | 'encryption', certificate: string): string {
  const base64 = certificate.replace(/-----[A-Z ]+-----|\s/g, '');
  const methods = ['2009/xmlenc11#aes256-gcm', '2001/04/xmlenc#aes256-cbc', '2001/04/xmlenc#rsa-oaep-mgf1p']
    .map((method) => `<md:EncryptionMethod Algorithm="http://www.w3.org/${method}"/>`)
    .join('');
  return (
    `<md:KeyDescriptor use="${use}"><ds:KeyInfo xmlns:ds="${namespaces.signature}"><ds:X509Data>` +
    `<ds:X509Certificate>${base64}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>` +
    `${use === 'encryption' ? methods : ''}</md:KeyDescriptor>`
  );
}

/**
 * Metadata of a tenant as a service provider (SAML 2.0 metadata, section 2.4.4). Every key is published for signing,
 * so that a provider that reads it during a rotation knows both; encrypted for is the newest only.
 */
export function ownMetadata({ entityId, acsUrl, singleLogoutUrl, keys }: SamlSide): string {
  const newest = keys.at(-1);
  const signing = keys.map(({ certificate }) => keyOf('signing', certificate)).join('');
  const encryption = newest === undefined ? '' : keyOf('encryption', newest.certificate);
  const logout = ['HTTP-Redirect', 'HTTP-POST']
    .map((name) => `<md:SingleLogoutService Binding="${bindings}:${name}" Location="${escaped(singleLogoutUrl)}"/>`)
    .join('');
  return (
    `<?xml version="1.0" encoding="UTF-8"?>\n` +
    `<md:EntityDescriptor xmlns:md="${namespaces.metadata}" entityID="${escaped(entityId)}">` +
    `<md:SPSSODescriptor AuthnRequestsSigned="true" WantAssertionsSigned="true"` +
    ` protocolSupportEnumeration="${namespaces.protocol}">${signing}${encryption}${logout}` +
    `<md:AssertionConsumerService index="0" isDefault="true" Binding="${bindings}:HTTP-POST"` +
    ` Location="${escaped(acsUrl)}"/></md:SPSSODescriptor></md:EntityDescriptor>\n`
  );
}
