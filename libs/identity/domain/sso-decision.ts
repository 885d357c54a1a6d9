import type { UserId } from '#libs/kernel/ids.js';
import type { SsoPolicy } from '#libs/tenancy/domain/sso-profile.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import type { MappedRole } from './group-roles.js';
import type { Person } from './person.js';
import type { SsoClaims } from './sso-claims.js';

/** What is known when somebody comes back from the identity provider. */
export interface SsoSituation {
  readonly claims: SsoClaims;
  readonly policy: Pick<SsoPolicy, 'justInTime' | 'emailDomains'>;
  /** The person linked to (connection, subject). */
  readonly linked: Person | null;
  /** The person with the claimed e-mail. */
  readonly sameEmail: Person | null;
  /** Whether that person was made by the organisation's own directory and has never signed in by any way. */
  readonly isAwaited: boolean;
  /** Who is signed in already in this very browser. */
  readonly signedInAs: UserId | null;
  readonly ownerEmail: string;
  readonly hasOwner: boolean;
  readonly mapped: MappedRole;
}

export type SsoDecision =
  | { readonly kind: 'sign-in'; readonly person: Person }
  | { readonly kind: 'link'; readonly person: Person }
  | { readonly kind: 'create'; readonly email: string; readonly role: Role }
  | { readonly kind: 'refuse'; readonly reason: string };

/**
 * Whom an identity becomes. Only (connection, subject) names a person; an e-mail alone never does, since a provider
 * may let people claim any (the nOAuth attack). So a person who is there already is linked only when the same
 * browser is signed in as that person, or when the organisation's directory has made the account for this very first
 * sign-in. The manifest's owner e-mail is reserved: it becomes a new person only when the provider vouches for it
 * (email_verified), and an owner only while nobody is one, since the platform team has named both the provider and
 * the address.
 */
export function decideSso(situation: SsoSituation): SsoDecision {
  const { claims, linked, sameEmail, mapped } = situation;
  if (linked !== null && linked.state !== 'active') return refuse('person_disabled');
  if (mapped.kind === 'refuse') return refuse(mapped.reason);
  if (linked !== null) return { kind: 'sign-in', person: linked };
  if (claims.email === null) return refuse('email_missing');
  if (claims.isEmailVerified === false) return refuse('email_unverified');
  if (sameEmail !== null) return linkOrRefuse(situation, sameEmail);
  return createOrRefuse(situation, claims.email);
}

function linkOrRefuse({ signedInAs, isAwaited }: SsoSituation, person: Person): SsoDecision {
  if (person.state !== 'active') return refuse('person_disabled');
  const isSame = person.id === signedInAs;
  return isSame || (isAwaited && person.role !== 'owner')
    ? { kind: 'link', person }
    : refuse('email_belongs_to_local_person');
}

function createOrRefuse(situation: SsoSituation, email: string): SsoDecision {
  const { policy, mapped, claims } = situation;
  const isOwner = email === situation.ownerEmail;
  if (!policy.justInTime) return refuse('no_account');
  if (!isOwner && policy.emailDomains.length > 0 && !policy.emailDomains.includes(email.split('@')[1] ?? ''))
    return refuse('email_domain_not_allowed');
  const role = mapped.kind === 'role' ? mapped.role : 'member';
  if (!isOwner) return { kind: 'create', email, role };
  if (claims.isEmailVerified !== true) return refuse('owner_email_unverified');
  return { kind: 'create', email, role: situation.hasOwner ? role : 'owner' };
}

function refuse(reason: string): SsoDecision {
  return { kind: 'refuse', reason };
}
