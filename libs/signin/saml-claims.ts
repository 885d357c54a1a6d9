import type { SsoClaims } from '#libs/identity/domain/sso-claims.js';
import type { SamlProfile } from '#libs/tenancy/domain/sso-profile.js';
import { momentOf } from './saml-xml.js';
import { emailClaim, textClaim, textClaims } from './oidc-claims.js';
import type { SamlAssertion, SamlNameId } from './saml-assertion.js';

const emailFormat = 'urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress';
const claims = 'http://schemas.xmlsoap.org/ws/2005/05/identity/claims';

/** Names that providers give by themselves, looked at where the settings leave ours: e-mail, name, groups. */
const usual: Readonly<Record<keyof SamlProfile['attributes'], readonly string[]>> = {
  email: [
    'email',
    'mail',
    `${claims}/emailaddress`,
    'urn:oid:0.9.2342.19200300.100.1.3',
    'urn:oid:1.2.840.113549.1.9.1',
  ],
  name: [
    'name',
    'displayName',
    'http://schemas.microsoft.com/identity/claims/displayname',
    'urn:oid:2.16.840.1.113730.3.1.241',
  ],
  groups: ['groups', 'memberOf', 'http://schemas.microsoft.com/ws/2008/06/identity/claims/groups', 'Role'],
};
/** Entra sends a pointer instead of groups when there are too many. */
const groupsPointer = 'http://schemas.microsoft.com/claims/groups.link';

/** What is kept of a NameID to end the provider's session with: its text and how it is qualified. */
export function hintOf({ format, nameQualifier, spNameQualifier }: SamlNameId): string {
  return JSON.stringify({ format, nameQualifier, spNameQualifier });
}

/** The attributes a tenant's settings name, out of a verified assertion that was judged. */
export function samlClaimsOf(profile: SamlProfile, assertion: SamlAssertion, nameId: SamlNameId): SsoClaims {
  const { attributes } = assertion;
  const valuesOf = (what: keyof SamlProfile['attributes']): readonly string[] => {
    const name = profile.attributes[what];
    const names = name === usual[what][0] ? usual[what] : [name];
    return names.map((one) => attributes.get(one) ?? []).find((values) => values.length > 0) ?? [];
  };
  const byNameId = nameId.format === emailFormat ? emailClaim(nameId.value) : null;
  return {
    connection: `saml:${assertion.issuer ?? ''}`,
    subject: nameId.value,
    email: emailClaim(valuesOf('email')[0]) ?? byNameId,
    // SAML has no word for it, so that nobody becomes the owner by an e-mail address alone.
    isEmailVerified: null,
    name: textClaim(valuesOf('name')[0])?.slice(0, 120) ?? null,
    groups: textClaims(valuesOf('groups')),
    hasAllGroups: !attributes.has(groupsPointer),
    providerSession: textClaim(assertion.statements[0]?.session),
    signOutHint: hintOf(nameId),
    authenticatedAt: authenticatedAtOf(assertion),
    received: receivedOf(assertion, nameId),
  };
}

/** The oldest where a provider names several. */
function authenticatedAtOf({ statements }: SamlAssertion): Date | null {
  const moments = statements.flatMap(({ authenticatedAt }) => momentOf(authenticatedAt) ?? []);
  return moments.toSorted((one, other) => one.getTime() - other.getTime())[0] ?? null;
}

function receivedOf({ attributes, issuer }: SamlAssertion, nameId: SamlNameId): Readonly<Record<string, unknown>> {
  const single = [...attributes].map(([name, values]) => [name, values.length === 1 ? values[0] : values] as const);
  return { NameID: nameId.value, 'NameID Format': nameId.format, Issuer: issuer, ...Object.fromEntries(single) };
}
