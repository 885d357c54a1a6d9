import type { UserId } from '#libs/kernel/ids.js';

/** How many recovery codes somebody has left, and since when they have these. */
export interface RecoveryCodesLeft {
  readonly left: number;
  readonly createdAt: Date;
}

/** Recovery codes of one tenant's people, as hashes. Bound to that tenant and to one transaction. */
export abstract class RecoveryCodeStore {
  /** Null where none were ever made. */
  abstract of(person: UserId): Promise<RecoveryCodesLeft | null>;
  /** The codes before end; none at all takes them away. */
  abstract replace(person: UserId, codeHashes: readonly Uint8Array[], at: Date): Promise<void>;
  /** Uses a code, once: of two at the same time exactly one gets it. */
  abstract use(person: UserId, codeHash: Uint8Array, at: Date): Promise<boolean>;
}
