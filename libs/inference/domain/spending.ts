/** What a tenant has spent in a UTC month: what the database holds, and what is on its way there. */
export interface Spending {
  readonly month: string;
  readonly storedMicroUsd: number;
  readonly pendingMicroUsd: number;
}

/** Whether a new call fits: the budget is used up when all of it is spent. */
export function fitsBudget({ storedMicroUsd, pendingMicroUsd }: Spending, monthlyMicroUsd: number): boolean {
  return storedMicroUsd + pendingMicroUsd < monthlyMicroUsd;
}
