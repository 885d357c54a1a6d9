import type { UsageReport } from '#libs/contracts/admin-api.js';
import { formatAgo, formatCost, formatCount, formatDuration } from '#libs/ui/format.js';
import { useText } from '#libs/ui/use-text.js';
import { DataTable } from './data-table.js';

interface TableProps {
  readonly report: UsageReport;
}

/** Who used most. */
export function PeopleUsage({ report }: TableProps) {
  const { text, locale } = useText();
  return (
    <DataTable
      label={text('usage.people')}
      rows={report.people}
      rowKey={(row) => row.userId ?? row.name}
      empty={text('usage.peopleEmpty')}
      columns={[
        {
          id: 'name',
          label: text('people.name'),
          sort: (row) => row.name,
          cell: (row) => (
            <>
              <p>{row.name}</p>
              {row.email !== null && <p className="text-small text-soft">{row.email}</p>}
            </>
          ),
        },
        {
          id: 'requests',
          label: text('usage.requests'),
          number: true,
          sort: (row) => row.requests,
          cell: (row) => formatCount(row.requests, locale),
        },
        {
          id: 'tokens',
          label: text('tile.tokens'),
          number: true,
          sort: (row) => row.tokens,
          cell: (row) => formatCount(row.tokens, locale),
        },
        {
          id: 'cost',
          label: text('tile.cost'),
          number: true,
          sort: (row) => row.costMicroUsd,
          cell: (row) => formatCost(row.costMicroUsd, locale),
        },
      ]}
    />
  );
}

/** What each model did, cost and took. */
export function ModelUsage({ report }: TableProps) {
  const { text, locale } = useText();
  return (
    <DataTable
      label={text('usage.models')}
      rows={report.models}
      rowKey={(row) => row.model}
      empty={text('usage.modelsEmpty')}
      columns={[
        { id: 'model', label: text('usage.model'), sort: (row) => row.model, cell: (row) => row.model },
        {
          id: 'requests',
          label: text('usage.requests'),
          number: true,
          sort: (row) => row.figures.requests,
          cell: (row) => formatCount(row.figures.requests, locale),
        },
        {
          id: 'tokens',
          label: text('tile.tokens'),
          number: true,
          sort: (row) => row.figures.promptTokens + row.figures.completionTokens,
          cell: (row) => formatCount(row.figures.promptTokens + row.figures.completionTokens, locale),
        },
        {
          id: 'cost',
          label: text('tile.cost'),
          number: true,
          sort: (row) => row.figures.costMicroUsd,
          cell: (row) => formatCost(row.figures.costMicroUsd, locale),
        },
        {
          id: 'first',
          label: text('tile.firstToken'),
          number: true,
          sort: (row) => row.figures.firstTokenMs.p95 ?? -1,
          cell: (row) => formatDuration(row.figures.firstTokenMs.p95, locale),
        },
        {
          id: 'total',
          label: text('usage.total'),
          number: true,
          sort: (row) => row.figures.totalMs.p95 ?? -1,
          cell: (row) => formatDuration(row.figures.totalMs.p95, locale),
        },
        {
          id: 'thumbs',
          label: text('usage.thumbs'),
          number: true,
          cell: (row) => `${row.figures.thumbsUp} / ${row.figures.thumbsDown}`,
        },
      ]}
    />
  );
}

/** What went wrong, and where. */
export function ErrorUsage({ report }: TableProps) {
  const { text, locale } = useText();
  return (
    <DataTable
      label={text('usage.errors')}
      rows={report.errors}
      rowKey={(row) => `${row.code} ${row.model}`}
      empty={text('usage.errorsEmpty')}
      columns={[
        {
          id: 'code',
          label: text('usage.code'),
          sort: (row) => row.code,
          cell: (row) => <code className="font-mono text-small">{row.code}</code>,
        },
        { id: 'model', label: text('usage.model'), sort: (row) => row.model, cell: (row) => row.model },
        {
          id: 'count',
          label: text('usage.count'),
          number: true,
          sort: (row) => row.count,
          cell: (row) => formatCount(row.count, locale),
        },
        {
          id: 'last',
          label: text('usage.last'),
          number: true,
          sort: (row) => row.lastAt,
          cell: (row) => formatAgo(row.lastAt, locale),
        },
      ]}
    />
  );
}
