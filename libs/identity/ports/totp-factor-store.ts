import type { UserId } from '#libs/kernel/ids.js';

/** Somebody's authenticator app, whose secret is sealed. */
export interface TotpFactor {
  readonly sealedSecret: string;
  readonly createdAt: Date;
}

/** Authenticator apps of one tenant's people, one each. Bound to that tenant and to one transaction. */
export abstract class TotpFactorStore {
  abstract of(person: UserId): Promise<TotpFactor | null>;
  /** Takes the place of the one before. `step` is that of the code that has proven it: none up to it counts again. */
  abstract set(person: UserId, factor: TotpFactor, step: number): Promise<void>;
  /** Uses the code of a step, once: false when it, or a later one, was used. Of two at the same time one gets it. */
  abstract useStep(person: UserId, step: number): Promise<boolean>;
  /** False when there was none. */
  abstract remove(person: UserId): Promise<boolean>;
}
