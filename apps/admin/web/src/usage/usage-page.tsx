import type { UsageReport } from '#libs/contracts/admin-api.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatCost, formatCount, formatDay, formatDuration } from '#libs/ui/format.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { Chart } from '../parts/chart.js';
import { DataTable } from '../parts/data-table.js';
import { PageHeading, Section } from '../parts/page-heading.js';
import { PeriodPicker } from '../parts/period-picker.js';
import { ModelUsage } from '../parts/usage-tables.js';
import { usePeriod, useUsage } from '../parts/use-period.js';

function Latency({ report }: { readonly report: UsageReport }) {
  const { text, locale } = useText();
  const { firstTokenMs, totalMs } = report.total;
  const rows = [
    { id: 'first', name: text('usage.firstToken'), figures: firstTokenMs },
    { id: 'total', name: text('usage.whole'), figures: totalMs },
  ];
  return (
    <DataTable
      label={text('usage.latency')}
      rows={rows}
      rowKey={(row) => row.id}
      empty={text('chart.empty')}
      columns={[
        { id: 'name', label: text('usage.measure'), cell: (row) => row.name },
        { id: 'p50', label: text('usage.p50'), number: true, cell: (row) => formatDuration(row.figures.p50, locale) },
        { id: 'p95', label: text('usage.p95'), number: true, cell: (row) => formatDuration(row.figures.p95, locale) },
        { id: 'p99', label: text('usage.p99'), number: true, cell: (row) => formatDuration(row.figures.p99, locale) },
      ]}
    />
  );
}

function Days({ report }: { readonly report: UsageReport }) {
  const { text, locale } = useText();
  const number = (id: string, label: string, of: (day: UsageReport['days'][number]) => number) => ({
    id,
    label,
    number: true,
    sort: of,
    cell: (day: UsageReport['days'][number]) => formatCount(of(day), locale),
  });
  return (
    <DataTable
      label={text('usage.days')}
      rows={report.days}
      rowKey={(row) => row.day}
      empty={text('chart.empty')}
      columns={[
        { id: 'day', label: text('chart.day'), sort: (row) => row.day, cell: (row) => formatDay(row.day, locale) },
        number('messages', text('tile.messages'), (row) => row.figures.messages),
        number('requests', text('usage.requests'), (row) => row.figures.requests),
        number('people', text('tile.activePeople'), (row) => row.figures.activePeople),
        number('in', text('usage.tokensIn'), (row) => row.figures.promptTokens),
        number('out', text('usage.tokensOut'), (row) => row.figures.completionTokens),
        {
          id: 'cost',
          label: text('tile.cost'),
          number: true,
          sort: (row) => row.figures.costMicroUsd,
          cell: (row) => formatCost(row.figures.costMicroUsd, locale),
        },
        number('errors', text('tile.errors'), (row) => row.figures.errors),
        number('aborted', text('usage.aborted'), (row) => row.figures.aborted),
      ]}
    />
  );
}

/** Tokens, latency and cost in full. */
export function UsagePage() {
  const { text, locale } = useText();
  const [period, setPeriod] = usePeriod();
  const usage = useUsage(period);
  const report = usage.data;
  return (
    <>
      <PageHeading title={text('nav.usage')} help={text('usage.help')}>
        <PeriodPicker period={period} onChange={setPeriod} />
      </PageHeading>
      {usage.isPending && <Skeleton className="h-72 rounded-card" />}
      {usage.isError && <ErrorNotice error={usage.error} onRetry={() => void usage.refetch()} />}
      {report !== undefined && (
        <>
          <div className="pb-8">
            <Chart
              title={text('chart.tokens')}
              names={[text('usage.tokensIn'), text('usage.tokensOut')]}
              points={report.days.map(({ day, figures }) => ({
                day,
                first: figures.promptTokens,
                second: figures.completionTokens,
              }))}
              format={(value) => formatCount(value, locale, true)}
              file="tokens"
            />
          </div>
          <Section title={text('usage.latency')} help={text('usage.latencyHelp')}>
            <Latency report={report} />
          </Section>
          <Section title={text('usage.models')}>
            <ModelUsage report={report} />
          </Section>
          <Section title={text('usage.days')}>
            <Days report={report} />
          </Section>
        </>
      )}
    </>
  );
}
