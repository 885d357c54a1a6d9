import type { SessionId, UserId } from '#libs/kernel/ids.js';
import type { Proof } from './proof.js';

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
  readonly lastSeenAt: Date;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  /** Null for a session that no identity provider has begun. */
  readonly sso: SsoOrigin | null;
}

const hour = 3_600_000;

/** How long a session lasts at all, and how long without a request, in ms. The admin pages can do more harm. */
export const sessionLimits: Readonly<Record<SessionFace, { readonly absoluteMs: number; readonly idleMs: number }>> = {
  chat: { absoluteMs: 30 * 24 * hour, idleMs: 7 * 24 * hour },
  admin: { absoluteMs: 12 * hour, idleMs: 2 * hour },
};

/** How stale `lastSeenAt` may be, in ms: a write for every request would cost more than it tells. */
export const seenEveryMs = 60_000;

/** Whether the session still stands at `now`. */
export function isAlive(session: SignInSession, now: Date): boolean {
  if (session.revokedAt !== null || session.expiresAt <= now) return false;
  return now.getTime() - session.lastSeenAt.getTime() < sessionLimits[session.face].idleMs;
}
