import type { SessionId, UserId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';

export type LinkPurpose = 'owner' | 'invite' | 'reset' | 'handover';

const minute = 60_000;

/** How long a link may be used, in ms: what prints to a terminal is short, what is sent to a person lasts. */
export const linkLifetimeMs: Readonly<Record<LinkPurpose, number>> = {
  owner: 15 * minute,
  invite: 7 * 24 * 60 * minute,
  reset: 24 * 60 * minute,
  handover: minute,
};

/** A link that works once. Its token is known to whoever holds the link only. */
export interface OneTimeLink {
  readonly id: string;
  readonly purpose: LinkPurpose;
  readonly email: string;
  /** Role of the person an invitation makes. */
  readonly role: Role | null;
  readonly personId: UserId | null;
  /** The session that a hand-over comes from; null for what a person is sent. */
  readonly sessionId: SessionId | null;
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date;
  readonly usedAt: Date | null;
  readonly revokedAt: Date | null;
}

export type LinkState = 'open' | 'used' | 'expired' | 'revoked';

/** What became of a link. */
export function linkState(link: OneTimeLink, now: Date): LinkState {
  if (link.usedAt !== null) return 'used';
  if (link.revokedAt !== null) return 'revoked';
  return link.expiresAt <= now ? 'expired' : 'open';
}
