import { describe, expect, it } from '@jest/globals';
import { generateKeyPairSync, X509Certificate } from 'node:crypto';
import { readMetadata, readProvider } from './saml-provider.js';
import { makeSelfSigned } from './self-signed.js';

const made = makeSelfSigned('idp', new Date());
const base64 = async () => (await made).certificate.replace(/-----[A-Z ]+-----|\s/g, '');

interface Parts {
  readonly certificates?: readonly string[];
  readonly use?: string;
  readonly signOn?: string;
  readonly binding?: string;
  readonly attributes?: string;
  readonly roleAttributes?: string;
}

async function document(parts: Parts = {}): Promise<string> {
  const { use = ' use="signing"', signOn = 'https://idp.example/sso', binding = 'HTTP-Redirect' } = parts;
  const keys = (parts.certificates ?? [await base64()]).map(
    (text) =>
      `<md:KeyDescriptor${use}><ds:KeyInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#"><ds:X509Data><ds:X509Certificate>${text}</ds:X509Certificate></ds:X509Data></ds:KeyInfo></md:KeyDescriptor>`,
  );
  return (
    `<md:EntityDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/entity"${parts.attributes ?? ''}>` +
    `<md:IDPSSODescriptor protocolSupportEnumeration="x"${parts.roleAttributes ?? ''}>${keys.join('')}` +
    `<md:SingleLogoutService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/slo" ResponseLocation="https://idp.example/done"/>` +
    `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="https://idp.example/post"/>` +
    `<md:SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:${binding}" Location="${signOn}"/>` +
    `</md:IDPSSODescriptor></md:EntityDescriptor>`
  );
}

function refusal(text: string): string {
  try {
    readMetadata(text);
    return 'accepted';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('readMetadata', () => {
  it('finds what is needed', async () => {
    const provider = readMetadata(await document());

    expect(provider).toEqual({
      entityId: 'https://idp.example/entity',
      signOnUrl: 'https://idp.example/sso',
      signOutUrl: 'https://idp.example/slo',
      signOutAnswerUrl: 'https://idp.example/done',
      certificates: [new X509Certificate((await made).certificate).toString()],
      validUntil: null,
      isSigned: false,
    });
  });

  it('takes two certificates, in lines, and those for any use', async () => {
    const other = (await makeSelfSigned('idp', new Date())).certificate.replace(/-----[A-Z ]+-----/g, '');

    expect(readMetadata(await document({ certificates: [await base64(), other], use: '' })).certificates).toHaveLength(
      2,
    );
  });

  it('takes the earliest end', async () => {
    const attributes = ' validUntil="2026-05-01T00:00:00Z"';
    const roleAttributes = ' validUntil="2026-04-01T00:00:00Z"';

    expect(readMetadata(await document({ attributes, roleAttributes })).validUntil).toEqual(new Date('2026-04-01'));
  });

  it('reads the one provider in a list with service providers', async () => {
    const provider = await document();
    const service = provider.replaceAll('IDPSSODescriptor', 'SPSSODescriptor');
    const list = `<md:EntitiesDescriptor xmlns:md="urn:oasis:names:tc:SAML:2.0:metadata">${service}${provider}</md:EntitiesDescriptor>`;

    expect(readMetadata(list).entityId).toBe('https://idp.example/entity');
    expect(refusal(list.replace(service, provider))).toMatch(/^metadata_ambiguous: it describes 2/);
  });

  it.each<[string, () => Promise<string> | string, string]>([
    ['a page', () => '<!doctype html><title>Sign in</title>', 'metadata_unreadable'],
    ['nothing', () => '', 'metadata_unreadable'],
    ['half a document', async () => (await document()).slice(0, 700), 'metadata_unreadable'],
    ['another document', () => '<html xmlns="http://www.w3.org/1999/xhtml"/>', 'metadata_incomplete: it describes no'],
    ['no address for a redirect', () => document({ binding: 'SOAP' }), 'metadata_incomplete: it has no SingleSignOn'],
    ['an address that runs', () => document({ signOn: 'javascript:alert(1)' }), 'metadata_incomplete: javascript'],
    ['no certificate', () => document({ certificates: [] }), 'metadata_incomplete: it has no signing certificate'],
    ['a certificate for encryption only', () => document({ use: ' use="encryption"' }), 'metadata_incomplete'],
    ['a certificate that is none', () => document({ certificates: ['QUJD'] }), 'certificate_unreadable'],
  ])('says what is wrong: %s', async (_name, make, reason) => {
    expect(refusal(await make())).toContain(reason);
  });
});

describe('readProvider', () => {
  it('takes fields', async () => {
    const source = {
      kind: 'fields',
      entityId: 'e',
      signOnUrl: 'https://idp.example/sso',
      signOutUrl: null,
      certificates: [(await made).certificate],
    } as const;

    expect(readProvider(source)).toMatchObject({ entityId: 'e', signOutUrl: null, signOutAnswerUrl: null });
    expect(() => readProvider({ ...source, certificates: ['x'] })).toThrow('certificate_unreadable');
  });
});

describe('makeSelfSigned', () => {
  it('makes a certificate that OpenSSL reads and its own key has signed', async () => {
    const { certificate, privateKey } = await made;
    const parsed = new X509Certificate(certificate);

    expect(parsed.subject).toBe('CN=idp');
    expect(parsed.verify(parsed.publicKey)).toBe(true);
    expect(parsed.publicKey.asymmetricKeyDetails?.modulusLength).toBe(3072);
    expect(privateKey).toContain('BEGIN PRIVATE KEY');
    expect(parsed.verify(generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey)).toBe(false);
  });
});
