import type { LinkPurpose, OneTimeLink } from '../domain/one-time-link.js';
import type { Page } from './people-store.js';

/** An invitation, with the name of a role that the organisation has made; else null. */
export interface Invitation extends OneTimeLink {
  readonly roleName: string | null;
}

/** One-time links of one tenant. Bound to it and to one transaction. */
export abstract class LinkStore {
  abstract add(link: OneTimeLink, tokenHash: Uint8Array): Promise<void>;
  /** The link while it may be used, without using it. */
  abstract inspect(tokenHash: Uint8Array, now: Date): Promise<OneTimeLink | null>;
  /** Uses the link, or null when it may not be used (any more). Of two at the same time exactly one gets it. */
  abstract consume(tokenHash: Uint8Array, purposes: readonly LinkPurpose[], now: Date): Promise<OneTimeLink | null>;
  /** Invitations, newest first. */
  abstract invitations(page: { readonly cursor: string | null; readonly limit: number }): Promise<Page<Invitation>>;
  /** Takes an open invitation back; null when there is none. */
  abstract revokeInvitation(id: string, now: Date): Promise<OneTimeLink | null>;
  /** Takes back every open link of the purpose for this e-mail. */
  abstract revokeFor(purpose: LinkPurpose, email: string, now: Date): Promise<void>;
  /** Takes back every open link that would let this person in. */
  abstract revokeOf(personId: string, now: Date): Promise<void>;
  /** Forgets links, invitations aside, that ended before `before`. */
  abstract expire(before: Date): Promise<void>;
}
