/** What a tenant has spent in a UTC month: what the database holds, and what is on its way there. */
export interface Spending {
  readonly month: string;
  readonly storedMicroUsd: number;
  readonly pendingMicroUsd: number;
}

/**
 * Whether a new call fits: the budget is used up when all of it is spent, or held for calls that still run.
 * A call that fits may cost more than what is left, so that a budget is passed by one call at most.
 */
export function fitsBudget(
  { storedMicroUsd, pendingMicroUsd }: Spending,
  heldMicroUsd: number,
  monthlyMicroUsd: number,
): boolean {
  return storedMicroUsd + pendingMicroUsd + heldMicroUsd < monthlyMicroUsd;
}
