import type { UsageReport } from '#libs/contracts/admin-api.js';
import { formatCost, formatDay } from '#libs/ui/format.js';
import { useText } from '#libs/ui/use-text.js';

/** How much of the month's budget is spent. */
export function BudgetLine({ budget }: { readonly budget: UsageReport['budget'] }) {
  const { text, locale } = useText();
  const { monthlyMicroUsd, spentMicroUsd, hardStop, resetsAt } = budget;
  if (monthlyMicroUsd === null || monthlyMicroUsd === 0) return null;
  const share = spentMicroUsd / monthlyMicroUsd;
  return (
    <div className="flex flex-col gap-2 rounded-card border border-line bg-raised p-4">
      <div className="flex flex-wrap justify-between gap-x-4">
        <p className="font-medium">
          {text('budget.spent', {
            spent: formatCost(spentMicroUsd, locale),
            limit: formatCost(monthlyMicroUsd, locale),
          })}
        </p>
        <p className="text-small text-soft">
          {text(hardStop ? 'budget.stops' : 'budget.warns', { day: formatDay(resetsAt, locale) })}
        </p>
      </div>
      <svg aria-hidden viewBox="0 0 100 1" preserveAspectRatio="none" className="h-2 w-full rounded-full bg-hover">
        <rect width={Math.min(100, share * 100)} height="1" fill={share >= 1 ? 'var(--danger)' : 'var(--accent)'} />
      </svg>
    </div>
  );
}
