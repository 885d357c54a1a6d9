import { ChartLine, Download, Table2 } from 'lucide-react';
import { Suspense, lazy, useState } from 'react';
import { downloadCsv } from '#libs/ui/csv.js';
import { formatDay } from '#libs/ui/format.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { DataTable } from './data-table.js';
import type { ChartPoint } from './plot.js';

const Plot = lazy(async () => ({ default: (await import('./plot.js')).Plot }));

interface ChartProps {
  readonly title: string;
  /** Name of the second series, stacked on the first; none: one series. */
  readonly names: readonly [string] | readonly [string, string];
  readonly points: readonly ChartPoint[];
  readonly format: (value: number) => string;
  readonly file: string;
  /** Stands in place of the bars where there is nothing to draw; left out: that the first figures are awaited. */
  readonly empty?: string;
}

/** Days as a chart, with the same figures as a table and as CSV. */
export function Chart({ title, names, points, format, file, empty }: ChartProps) {
  const { text, locale } = useText();
  const [asTable, setAsTable] = useState(false);
  const [first, second] = names;
  const hasFigures = points.some((point) => point.first !== 0 || point.second !== 0);
  const save = (): void =>
    downloadCsv(file, [
      [text('chart.day'), ...names],
      ...points.map((point) => [point.day, point.first, ...(second === undefined ? [] : [point.second])]),
    ]);
  return (
    <figure className="min-w-0 rounded-card border border-line bg-raised">
      <figcaption className="flex items-center gap-1 ps-4 pe-2 pt-2">
        <h2 className="min-w-0 flex-1 truncate font-medium">{title}</h2>
        <IconButton
          icon={asTable ? ChartLine : Table2}
          label={text(asTable ? 'chart.asChart' : 'chart.asTable')}
          onClick={() => setAsTable(!asTable)}
        />
        <IconButton icon={Download} label={text('chart.csv')} onClick={save} />
      </figcaption>
      <div className="p-3">
        {asTable && (
          <DataTable
            label={title}
            rows={points}
            rowKey={(point) => point.day}
            empty={text('chart.empty')}
            columns={[
              {
                id: 'day',
                label: text('chart.day'),
                cell: (point) => formatDay(point.day, locale),
                sort: (point) => point.day,
              },
              { id: 'first', label: first, number: true, cell: (p) => format(p.first), sort: (p) => p.first },
              ...(second === undefined
                ? []
                : [
                    {
                      id: 'second',
                      label: second,
                      number: true,
                      cell: (p: ChartPoint) => format(p.second),
                      sort: (p: ChartPoint) => p.second,
                    },
                  ]),
            ]}
          />
        )}
        {!asTable && hasFigures && (
          // Its twin is the table: to a screen reader the drawing says nothing more.
          <div aria-hidden className="h-56">
            <Suspense fallback={<Skeleton className="h-56" />}>
              <Plot points={points} names={names} format={format} locale={locale} />
            </Suspense>
          </div>
        )}
        {!asTable && !hasFigures && (
          <p className="flex h-56 items-center justify-center px-6 text-center text-soft">
            {empty ?? text('chart.empty')}
          </p>
        )}
      </div>
    </figure>
  );
}
