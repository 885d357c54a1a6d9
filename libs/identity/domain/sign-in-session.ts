import type { SessionId, UserId } from '#libs/kernel/ids.js';
import type { Proof } from './proof.js';
import type { SessionLimits } from './session-limits.js';

export type SessionFace = 'chat' | 'admin';
export type SignInMethod = 'link' | 'password' | 'passkey' | 'oidc' | 'saml' | 'handover';

/** The sign-in at an identity provider that a session comes from. */
export interface SsoOrigin {
  readonly connection: string;
  readonly subject: string;
  /** The provider's name of its own session, by which it may end ours. */
  readonly providerSession: string | null;
  readonly signOutHint: string | null;
}

export interface SignInSession {
  readonly id: SessionId;
  readonly personId: UserId;
  readonly face: SessionFace;
  readonly method: SignInMethod;
  /** What it was opened with; empty for one of the admin pages, which comes from a session of the chat. */
  readonly proofs: readonly Proof[];
  readonly device: string;
  readonly address: string;
  readonly createdAt: Date;
  /** When the person last proved who they are. */
  readonly authenticatedAt: Date;
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** Null for a session that no identity provider has begun. */
  readonly sso: SsoOrigin | null;
}

/** How stale `lastSeenAt` may be, in ms: a write for every request would cost more than it tells. */
export const seenEveryMs = 60_000;

/** Whether the session still stands at `now`. A limit that was shortened meanwhile holds for it, too. */
export function isAlive(session: SignInSession, limits: SessionLimits, now: Date): boolean {
  if (session.revokedAt !== null || session.expiresAt <= now) return false;
  const { absoluteMs, idleMs } = limits[session.face];
  const ageMs = now.getTime() - session.createdAt.getTime();
  return ageMs < absoluteMs && now.getTime() - session.lastSeenAt.getTime() < idleMs;
}
