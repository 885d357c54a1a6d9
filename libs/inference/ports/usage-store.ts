import type { UsageEvent } from '../domain/usage.js';

/** Spending of one month after a write: `month` as `2026-11-01`. */
export interface MonthSpending {
  readonly month: string;
  readonly spentMicroUsd: number;
}

/** Usage of one tenant. Bound to that tenant and to one transaction. */
export abstract class UsageStore {
  /**
   * Writes the events, marks their hours for the roll-up and adds their cost to the months' spending, all in
   * this transaction. An event that is there already is skipped and costs nothing again.
   * Returns the spending of the months that changed.
   */
  abstract append(events: readonly UsageEvent[]): Promise<readonly MonthSpending[]>;
  /** Spent in the UTC month `2026-11-01`, in micro-USD. */
  abstract spent(month: string): Promise<number>;
}

export interface UsageStores {
  readonly usage: UsageStore;
}
