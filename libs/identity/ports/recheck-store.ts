import type { SessionId } from '#libs/kernel/ids.js';
import type { RecheckedSession } from '../domain/recheck.js';

/** Which sessions the provider is to be asked about. */
export interface RecheckWanted {
  /** It last said yes at this moment or before. */
  readonly checkedBefore: Date;
  /** Nobody has begun to ask since: what a process that died has taken is free again then. */
  readonly askedBefore: Date;
}

/**
 * What is kept of a session to ask its identity provider again. Bound to one tenant and one transaction. Refresh
 * tokens come sealed, and go when their session ends.
 */
export abstract class RecheckStore {
  /** The provider has just said yes, and given this token, or none. */
  abstract begin(id: SessionId, refreshToken: string | null, at: Date): Promise<void>;
  /** Takes the standing session that has waited longest, so that no other process asks about it; null when there is none. */
  abstract take(wanted: RecheckWanted, now: Date): Promise<RecheckedSession | null>;
  /** Another token takes the place of `from`; nothing happens where the session has ended or has a newer one. */
  abstract replace(id: SessionId, from: string, to: string): Promise<void>;
  /** The provider has said yes again. */
  abstract answered(id: SessionId, at: Date): Promise<void>;
}
