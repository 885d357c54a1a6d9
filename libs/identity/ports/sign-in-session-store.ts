import type { SessionId, UserId } from '#libs/kernel/ids.js';
import type { Person } from '../domain/person.js';
import type { Proof } from '../domain/proof.js';
import type { SessionLimits } from '../domain/session-limits.js';
import type { SessionFace, SignInSession, SsoOrigin } from '../domain/sign-in-session.js';

/** Which sessions an identity provider wants ended; null: any. Never both null. */
export interface ProviderSignOut {
  readonly connection: string;
  readonly subject: string | null;
  readonly providerSession: string | null;
}

/** What changes with a new proof of an open session. */
export interface RenewedSession {
  readonly authenticatedAt: Date;
  readonly seenAt: Date;
  readonly proofs: readonly Proof[];
  readonly sso: SsoOrigin | null;
}

/** Sessions of one tenant's people. Bound to that tenant and to one transaction. */
export abstract class SignInSessionStore {
  abstract add(session: SignInSession, tokenHash: Uint8Array): Promise<void>;
  abstract byToken(
    face: SessionFace,
    tokenHash: Uint8Array,
  ): Promise<{ readonly session: SignInSession; readonly person: Person } | null>;
  abstract byId(id: SessionId): Promise<SignInSession | null>;
  abstract seen(id: SessionId, at: Date): Promise<void>;
  /**
   * Gives a session that is not revoked another token, after its person has proven anew who they are; the token of
   * before is worth nothing from then on. `sso` takes the place of where the session comes from; null leaves it.
   * @returns false when it was revoked meanwhile
   */
  abstract renew(id: SessionId, proof: RenewedSession, tokenHash: Uint8Array): Promise<boolean>;
  /** Sessions of a person that are not revoked, newest first. */
  abstract ofPerson(person: UserId): Promise<readonly SignInSession[]>;
  /** Ends one session of the person; false when it is none of theirs, or ended already. */
  abstract revoke(person: UserId, id: SessionId, at: Date): Promise<boolean>;
  /** Ends all sessions of the person but `except`; returns which. */
  abstract revokeAll(person: UserId, except: SessionId | null, at: Date): Promise<readonly SessionId[]>;
  /** Ends all sessions of the person at one face; returns which. */
  abstract revokeFace(person: UserId, face: SessionFace, at: Date): Promise<readonly SessionId[]>;
  /** Ends the sessions that an identity provider has begun and now ends; returns them. */
  abstract revokeByProvider(order: ProviderSignOut, at: Date): Promise<readonly SignInSession[]>;
  /** Deletes sessions that are past their limits or revoked, and returns them: who revoked one may have told nobody. */
  abstract expire(limits: SessionLimits, now: Date): Promise<readonly SessionId[]>;
}
