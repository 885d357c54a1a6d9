import type { SessionId, UserId } from '#libs/kernel/ids.js';
import type { Person } from '../domain/person.js';
import type { SessionFace, SignInSession } from '../domain/sign-in-session.js';

/** Sessions of one tenant's people. Bound to that tenant and to one transaction. */
export abstract class SignInSessionStore {
  abstract add(session: SignInSession, tokenHash: Uint8Array): Promise<void>;
  abstract byToken(
    face: SessionFace,
    tokenHash: Uint8Array,
  ): Promise<{ readonly session: SignInSession; readonly person: Person } | null>;
  abstract seen(id: SessionId, at: Date): Promise<void>;
  /** Sessions of a person that are not revoked, newest first. */
  abstract ofPerson(person: UserId): Promise<readonly SignInSession[]>;
  /** Ends one session of the person; false when it is none of theirs, or ended already. */
  abstract revoke(person: UserId, id: SessionId, at: Date): Promise<boolean>;
  /** Ends all sessions of the person but `except`; returns which. */
  abstract revokeAll(person: UserId, except: SessionId | null, at: Date): Promise<readonly SessionId[]>;
  /** Deletes sessions that are past their limits, and returns those that were not revoked before. */
  abstract expire(now: Date): Promise<readonly SessionId[]>;
}
