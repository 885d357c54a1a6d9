import type { UsageFigures, UsageReport } from '#libs/contracts/admin-api.js';
import { demand } from '#libs/identity/domain/rights.js';
import type { SignedInVisitor } from '#libs/identity/domain/visitor.js';
import { usdText } from '#libs/kernel/money.js';
import { type Cell, csv } from '../domain/csv.js';
import { noFigures, percentiles, type RawFigures } from '../domain/usage-figures.js';
import { cutsOf, daysOf, periodBefore, type UsageCuts, type UsagePeriod, wholeOf } from '../domain/usage-period.js';
import type { GroupedFigures, PersonUsage, UsageReportStore } from '../ports/usage-report-store.js';
import type { GovernanceParts } from './governance-parts.js';

const topPeople = 20;
const topErrors = 50;

/** Usage, cost, latency and errors of a period. */
export class UsageReports {
  constructor(private readonly parts: Pick<GovernanceParts, 'sessions' | 'profiles' | 'clock'>) {}

  /** @throws {AppError} forbidden; bad_request for an empty or too long period, or an unknown time zone */
  async report(visitor: SignedInVisitor, period: UsagePeriod): Promise<UsageReport> {
    demand(visitor.session.ability, 'read', 'usage');
    const now = this.parts.clock.now();
    const days = daysOf(period);
    const cuts = cutsOf(period, now);
    const before = wholeOf(cutsOf(periodBefore(period), now));
    const { models } = await this.parts.profiles.effective(visitor.tenant);
    const month = monthOf(now);
    return this.parts.sessions.run(visitor.tenant.id, async ({ usageReports }) => ({
      ...grouped(days, await usageReports.figures(cuts, 'report')),
      before: totalOf(await usageReports.figures(before, 'report')),
      people: (await usageReports.people(wholeOf(cuts), topPeople)).map(toPerson),
      errors: await errorsOf(usageReports, wholeOf(cuts)),
      budget: {
        monthlyMicroUsd: models.monthlyMicroUsd,
        spentMicroUsd: await usageReports.spentMicroUsd(month.first),
        hardStop: models.hardStop ?? false,
        resetsAt: month.next.toISOString(),
      },
    }));
  }

  /** The same as CSV, a row for each day and model with usage. @throws {AppError} as `report` */
  async csv(visitor: SignedInVisitor, period: UsagePeriod): Promise<string> {
    demand(visitor.session.ability, 'read', 'usage');
    const days = daysOf(period);
    const cuts = cutsOf(period, this.parts.clock.now());
    const groups = await this.parts.sessions.run(visitor.tenant.id, ({ usageReports }) =>
      usageReports.figures(cuts, 'stretch-and-model'),
    );
    const rows = groups.map(({ stretch, model, figures }): [string, string, UsageFigures] => [
      days[stretch ?? 0] ?? '',
      model ?? '',
      toFigures(figures),
    ]);
    rows.sort(([day, model], [otherDay, otherModel]) => compare(day, otherDay) || compare(model, otherModel));
    return csv([csvHeader, ...rows.map(csvRow)]);
  }
}

function compare(one: string, other: string): number {
  return one < other ? -1 : Number(one > other);
}

const csvHeader = [
  'day',
  'model',
  'requests',
  'messages',
  'active_people',
  'prompt_tokens',
  'completion_tokens',
  'cost_usd',
  'errors',
  'aborted',
  'first_token_p50_ms',
  'first_token_p95_ms',
  'total_p50_ms',
  'total_p95_ms',
  'thumbs_up',
  'thumbs_down',
];

function csvRow([day, model, figures]: [string, string, UsageFigures]): Cell[] {
  return [
    day,
    model,
    figures.requests,
    figures.messages,
    figures.activePeople,
    figures.promptTokens,
    figures.completionTokens,
    usdText(figures.costMicroUsd),
    figures.errors,
    figures.aborted,
    figures.firstTokenMs.p50,
    figures.firstTokenMs.p95,
    figures.totalMs.p50,
    figures.totalMs.p95,
    figures.thumbsUp,
    figures.thumbsDown,
  ];
}

function toFigures({ firstToken, total, ...sums }: RawFigures): UsageFigures {
  return { ...sums, firstTokenMs: percentiles(firstToken), totalMs: percentiles(total) };
}

function totalOf(groups: readonly GroupedFigures[]): UsageFigures {
  return toFigures(groups.find(({ stretch, model }) => stretch === null && model === null)?.figures ?? noFigures);
}

function grouped(days: readonly string[], groups: readonly GroupedFigures[]) {
  const byStretch = new Map<number, RawFigures>(
    groups.flatMap(({ stretch, figures }) => (stretch === null ? [] : [[stretch, figures] as const])),
  );
  const models = groups.flatMap(({ model, figures }) =>
    model === null || model === '' ? [] : [{ model, figures: toFigures(figures) }],
  );
  return {
    total: totalOf(groups),
    days: days.map((day, index) => ({ day, figures: toFigures(byStretch.get(index) ?? noFigures) })),
    models: models.sort(
      (one, other) => other.figures.requests - one.figures.requests || compare(one.model, other.model),
    ),
  };
}

function toPerson(person: PersonUsage): UsageReport['people'][number] {
  const { personId, email, requests, tokens, costMicroUsd } = person;
  const name = person.name ?? (personId === null ? 'API keys' : '');
  return { userId: personId, name, email, requests, tokens, costMicroUsd };
}

async function errorsOf(store: UsageReportStore, cuts: UsageCuts): Promise<UsageReport['errors']> {
  const errors = await store.errors(cuts, topErrors);
  return errors.map((error) => ({ ...error, lastAt: error.lastAt.toISOString() }));
}

/** The UTC month of `now`, as budgets count it. */
function monthOf(now: Date): { readonly first: string; readonly next: Date } {
  const first = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), 1));
  return {
    first: first.toISOString().slice(0, 10),
    next: new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1)),
  };
}
