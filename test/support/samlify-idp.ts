import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import type * as Samlify from 'samlify';
import { makeSelfSigned } from '#libs/signin/self-signed.js';
import type { SamlSource } from '#libs/tenancy/domain/sso-profile.js';
import { emailFormat } from './saml-idp.js';

// Its package names a module that is none.
const samlify = createRequire(import.meta.url)('samlify') as typeof Samlify;

const entityId = 'https://samlify.example/metadata';
const signOnUrl = 'https://samlify.example/sso';
const redirect = 'urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect';
const template =
  '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{ID}" Version="2.0" IssueInstant="{Now}" Destination="{Acs}" InResponseTo="{Asked}"><saml:Issuer>{Issuer}</saml:Issuer><samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>' +
  '<saml:Assertion ID="{AssertionID}" Version="2.0" IssueInstant="{Now}"><saml:Issuer>{Issuer}</saml:Issuer><saml:Subject><saml:NameID Format="{Format}">{NameID}</saml:NameID><saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData NotOnOrAfter="{Later}" Recipient="{Acs}" InResponseTo="{Asked}"/></saml:SubjectConfirmation></saml:Subject>' +
  '<saml:Conditions NotBefore="{Now}" NotOnOrAfter="{Later}"><saml:AudienceRestriction><saml:Audience>{Audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions><saml:AuthnStatement AuthnInstant="{Now}" SessionIndex="{AssertionID}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement></saml:Assertion></samlp:Response>';

/** A provider of samlify's making: it reads our metadata, checks our signed request, and answers in its own way. */
export class SamlifyIdp {
  private constructor(private readonly idp: ReturnType<typeof Samlify.IdentityProvider>) {}

  static async make(isEncrypted: boolean): Promise<SamlifyIdp> {
    const { privateKey, certificate } = await makeSelfSigned('samlify', new Date());
    samlify.setSchemaValidator({ validate: () => Promise.resolve('left to the service provider') });
    return new SamlifyIdp(
      samlify.IdentityProvider({
        entityID: entityId,
        privateKey,
        signingCert: certificate,
        wantAuthnRequestsSigned: true,
        isAssertionEncrypted: isEncrypted,
        messageSigningOrder: 'sign-then-encrypt',
        requestSignatureAlgorithm: 'http://www.w3.org/2001/04/xmldsig-more#rsa-sha256',
        singleSignOnService: [{ Binding: redirect, Location: signOnUrl }],
        singleLogoutService: [{ Binding: redirect, Location: 'https://samlify.example/slo' }],
        loginResponseTemplate: { context: template, attributes: [] },
      }),
    );
  }

  get source(): SamlSource {
    return { kind: 'document', xml: this.idp.getMetadata() };
  }

  /** @returns the form its page would send */
  async answer(location: string, ourMetadata: string, nameId: string): Promise<Record<string, string>> {
    const url = new URL(location);
    const sp = samlify.ServiceProvider({ metadata: ourMetadata });
    const query = Object.fromEntries(url.searchParams);
    const octetString = url.search.slice(1).replace(/&Signature=.*$/, '');
    const request = await this.idp.parseLoginRequest(sp, 'redirect', { query, octetString });
    const asked = request.extract as { readonly request: { readonly id: string } };
    const fill = (text: string) => {
      const id = `_${randomUUID()}`;
      const now = new Date();
      const values = {
        ID: id,
        AssertionID: `_${randomUUID()}`,
        Now: now.toISOString(),
        Later: new Date(now.getTime() + 300_000).toISOString(),
        Acs: String(sp.entityMeta.getAssertionConsumerService('post')),
        Audience: sp.entityMeta.getEntityID(),
        Issuer: entityId,
        Asked: asked.request.id,
        NameID: nameId,
        Format: emailFormat,
      };
      return { id, context: samlify.SamlLib.replaceTagsByValue(text, values) };
    };
    const { context } = await this.idp.createLoginResponse(sp, { ...request }, 'post', { email: nameId }, fill, true);
    return { SAMLResponse: context, RelayState: query['RelayState'] ?? '' };
  }
}
