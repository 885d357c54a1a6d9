import type { UsageReport } from '#libs/contracts/admin-api.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatCost, formatCount } from '#libs/ui/format.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { Chart } from '../parts/chart.js';
import { PageHeading, Section } from '../parts/page-heading.js';
import { PeriodPicker } from '../parts/period-picker.js';
import { ErrorUsage, ModelUsage, PeopleUsage } from '../parts/usage-tables.js';
import { usePeriod, useUsage } from '../parts/use-period.js';
import { BudgetLine } from './budget-line.js';
import { Tiles } from './tiles.js';

function Loading() {
  return (
    <div className="grid grid-cols-2 gap-3 lg:grid-cols-3">
      {['a', 'b', 'c', 'd', 'e', 'f'].map((name) => (
        <Skeleton key={name} className="h-38 rounded-card" />
      ))}
    </div>
  );
}

function Report({ report, compare }: { readonly report: UsageReport; readonly compare: boolean }) {
  const { text, locale } = useText();
  const messages = report.days.map(({ day, figures }) => ({ day, first: figures.messages, second: 0 }));
  const cost = report.days.map(({ day, figures }) => ({ day, first: figures.costMicroUsd, second: 0 }));
  return (
    <>
      <div className="flex flex-col gap-3 pb-8">
        <Tiles report={report} compare={compare} />
        <BudgetLine budget={report.budget} />
        <div className="grid gap-3 lg:grid-cols-2">
          <Chart
            title={text('chart.messages')}
            names={[text('tile.messages')]}
            points={messages}
            format={(value) => formatCount(value, locale, true)}
            file="messages"
          />
          <Chart
            title={text('chart.cost')}
            names={[text('tile.cost')]}
            points={cost}
            format={(value) => formatCost(value, locale)}
            file="cost"
            {...(report.total.messages > 0 ? { empty: text('chart.noCost') } : {})}
          />
        </div>
      </div>
      <Section title={text('usage.people')}>
        <PeopleUsage report={report} />
      </Section>
      <Section title={text('usage.models')}>
        <ModelUsage report={report} />
      </Section>
      <Section title={text('usage.errors')}>
        <ErrorUsage report={report} />
      </Section>
    </>
  );
}

/** What happened lately: six figures, two charts, three tables. */
export function OverviewPage() {
  const { text } = useText();
  const [period, setPeriod] = usePeriod();
  const usage = useUsage(period);
  return (
    <>
      <PageHeading title={text('nav.overview')}>
        <PeriodPicker period={period} onChange={setPeriod} />
      </PageHeading>
      {usage.isPending && <Loading />}
      {usage.isError && <ErrorNotice error={usage.error} onRetry={() => void usage.refetch()} />}
      {usage.data !== undefined && <Report report={usage.data} compare={period.compare} />}
    </>
  );
}
