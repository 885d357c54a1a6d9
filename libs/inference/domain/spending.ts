import { monthOf } from './usage.js';

/** What a tenant has spent in a UTC month: what the database holds, and what is on its way there. */
export interface Spending {
  readonly month: string;
  readonly storedMicroUsd: number;
  readonly pendingMicroUsd: number;
}

/** Whether a new call fits: the budget is used up when all of it is spent. */
export function fitsBudget(spending: Spending, monthlyMicroUsd: number, now: Date): boolean {
  if (spending.month !== monthOf(now)) return true;
  return spending.storedMicroUsd + spending.pendingMicroUsd < monthlyMicroUsd;
}
