import type { SsoClaims } from '#libs/identity/domain/sso-claims.js';
import type { OidcProfile } from '#libs/tenancy/domain/sso-profile.js';

const mail = /^[^\s@]{1,64}@[^\s@]{1,189}$/;
/** More groups than any rule could name; the rest is cut. */
const mostGroups = 1_000;
/** Longest ID token kept to end the provider's session with; a longer one would not fit an address anyway. */
const longestHint = 6_000;
/** Claims that say how a token was made rather than who somebody is. */
const mechanical = new Set(['nonce', 'at_hash', 'c_hash', 's_hash', 'jti', 'rh', 'uti', 'aio', 'ver']);

/** A text with something in it, or null. */
export function textClaim(value: unknown): string | null {
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

/** The texts of a claim with one value or many. */
export function textClaims(value: unknown): readonly string[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is string => typeof item === 'string').slice(0, mostGroups);
}

/** An e-mail address in lower case, or null for anything else. */
export function emailClaim(value: unknown): string | null {
  const email = textClaim(value)?.toLowerCase() ?? null;
  return email !== null && mail.test(email) ? email : null;
}

/** Entra sends a pointer instead of groups when there are too many, and says so in either of two ways. */
function holdsBack(name: string, claims: Readonly<Record<string, unknown>>): boolean {
  const pointers = claims['_claim_names'];
  const isPointer = typeof pointers === 'object' && pointers !== null && name in pointers;
  return isPointer || claims['hasgroups'] === true || claims['hasgroups'] === 'true';
}

/** When the person signed in at the provider (`auth_time`), or null where it does not say. */
export function authTimeOf(claims: Readonly<Record<string, unknown>>): Date | null {
  const seconds = claims['auth_time'];
  // Later than any clock of ours will be read, so that it is a moment for sure.
  const isMoment = typeof seconds === 'number' && seconds > 0 && seconds < 1e11;
  return isMoment ? new Date(seconds * 1_000) : null;
}

/** The claims a tenant's settings name, out of ID token and user info. */
export function claimsOf(
  profile: OidcProfile,
  claims: Readonly<Record<string, unknown>> & { readonly sub: string },
  idToken: string | null,
): SsoClaims {
  const verified = claims['email_verified'];
  return {
    connection: `oidc:${profile.issuer}`,
    subject: claims.sub,
    email: emailClaim(claims[profile.claims.email]),
    isEmailVerified: typeof verified === 'boolean' ? verified : verified === undefined ? null : verified === 'true',
    name: textClaim(claims[profile.claims.name])?.slice(0, 120) ?? null,
    groups: textClaims(claims[profile.claims.groups]),
    hasAllGroups: !holdsBack(profile.claims.groups, claims),
    providerSession: textClaim(claims['sid']),
    signOutHint: idToken !== null && idToken.length <= longestHint ? idToken : null,
    authenticatedAt: authTimeOf(claims),
    received: Object.fromEntries(Object.entries(claims).filter(([name]) => !mechanical.has(name))),
  };
}
