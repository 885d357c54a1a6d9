import type { SsoClaims } from '#libs/identity/domain/sso-claims.js';
import type { OidcProfile } from '#libs/tenancy/domain/tenant.js';

const mail = /^[^\s@]{1,64}@[^\s@]{1,189}$/;
/** More groups than any rule could name; the rest is cut. */
const mostGroups = 1_000;

function text(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function texts(value: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === 'string').slice(0, mostGroups);
}

/** The claims a tenant's settings name, out of ID token and user info. */
export function claimsOf(
  profile: OidcProfile,
  claims: Readonly<Record<string, unknown>> & { readonly sub: string },
): SsoClaims {
  const email = text(claims[profile.claims.email])?.toLowerCase() ?? null;
  const verified = claims['email_verified'];
  return {
    connection: `oidc:${profile.issuer}`,
    subject: claims.sub,
    email: email !== null && mail.test(email) ? email : null,
    isEmailVerified: typeof verified === 'boolean' ? verified : verified === undefined ? null : verified === 'true',
    name: text(claims[profile.claims.name])?.slice(0, 120) ?? null,
    groups: texts(claims[profile.claims.groups]),
  };
}
