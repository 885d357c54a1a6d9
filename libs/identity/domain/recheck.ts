import type { SessionId, UserId } from '#libs/kernel/ids.js';
import type { SsoProfile } from '#libs/tenancy/domain/sso-profile.js';

/** How often an identity provider is asked again about somebody who is signed in. */
export interface RecheckRule {
  readonly everyMs: number;
}

/** A session that an identity provider has begun, as far as asking again goes. */
export interface RecheckedSession {
  readonly id: SessionId;
  readonly personId: UserId;
  readonly connection: string;
  readonly subject: string;
  /** Sealed; null where the provider gave none. */
  readonly refreshToken: string | null;
  /** When the provider last said yes. */
  readonly checkedAt: Date;
}

/** After so many times the wait without any answer, a session ends: a provider that is cut off must not keep one open. */
const mostWaits = 3;

/** The rule of a connection, or null where nobody is asked again. */
export function recheckRuleOf(profile: SsoProfile | null): RecheckRule | null {
  if (profile?.type !== 'oidc' || profile.recheckMinutes === undefined) return null;
  return { everyMs: profile.recheckMinutes * 60_000 };
}

/** Sessions about which the provider last said yes at this moment or before are due. */
export function dueBefore({ everyMs }: RecheckRule, now: Date): Date {
  return new Date(now.getTime() - everyMs);
}

/** How a session stands whose provider last said yes at `checkedAt`. */
export function recheckState(checkedAt: Date, rule: RecheckRule, now: Date): 'current' | 'due' | 'overdue' {
  if (checkedAt > dueBefore(rule, now)) return 'current';
  return now.getTime() - checkedAt.getTime() >= mostWaits * rule.everyMs ? 'overdue' : 'due';
}
