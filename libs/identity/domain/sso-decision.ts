import type { UserId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/tenant.js';
import type { Person } from './person.js';
import type { SsoClaims } from './sso-claims.js';

/** What is known when somebody comes back from the identity provider. */
export interface SsoSituation {
  readonly claims: SsoClaims;
  /** The person linked to (connection, subject). */
  readonly linked: Person | null;
  /** The person with the claimed e-mail. */
  readonly sameEmail: Person | null;
  /** Who is signed in already in this very browser. */
  readonly signedInAs: UserId | null;
  readonly ownerEmail: string;
  readonly hasOwner: boolean;
  /** Role by the group rules, or null where there are none. */
  readonly mappedRole: Role | null;
}

export type SsoDecision =
  | { readonly kind: 'sign-in'; readonly person: Person }
  | { readonly kind: 'link'; readonly person: Person }
  | { readonly kind: 'create'; readonly email: string; readonly role: Role }
  | { readonly kind: 'refuse'; readonly reason: string };

/**
 * Whom an identity becomes. Only (connection, subject) names a person; an e-mail alone never does, since a provider
 * may let people claim any (the nOAuth attack). So a person who is there already is linked only when the same
 * browser is signed in as that person. The manifest's owner e-mail is reserved: it becomes a new person only when
 * the provider vouches for it (email_verified), and an owner only while nobody is one, since the platform team
 * has named both the provider and the address.
 */
export function decideSso(situation: SsoSituation): SsoDecision {
  const { claims, linked, sameEmail } = situation;
  if (linked !== null)
    return linked.state === 'active' ? { kind: 'sign-in', person: linked } : refuse('person_disabled');
  if (claims.email === null) return refuse('email_missing');
  if (claims.isEmailVerified === false) return refuse('email_unverified');
  if (sameEmail !== null) return linkOrRefuse(sameEmail, situation.signedInAs);
  const role = situation.mappedRole ?? 'member';
  if (claims.email !== situation.ownerEmail) return { kind: 'create', email: claims.email, role };
  if (claims.isEmailVerified !== true) return refuse('owner_email_unverified');
  return { kind: 'create', email: claims.email, role: situation.hasOwner ? role : 'owner' };
}

function linkOrRefuse(person: Person, signedInAs: UserId | null): SsoDecision {
  if (person.state !== 'active') return refuse('person_disabled');
  return person.id === signedInAs ? { kind: 'link', person } : refuse('email_belongs_to_local_person');
}

function refuse(reason: string): SsoDecision {
  return { kind: 'refuse', reason };
}
