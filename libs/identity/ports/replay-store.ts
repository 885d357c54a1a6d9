/** What may be used once: ids of assertions and logout tokens. Bound to one tenant and one transaction. */
export abstract class ReplayStore {
  /** False when it was used before. Shared by every replica; forgotten after `until`. */
  abstract use(id: string, until: Date): Promise<boolean>;
  abstract expire(now: Date): Promise<void>;
}
