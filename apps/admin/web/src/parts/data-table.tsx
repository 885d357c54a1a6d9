import { ArrowDown, ArrowUp } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { Button } from '#libs/ui/button.js';
import { classNames } from '#libs/ui/class-names.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';

/** A column: what it shows, and what it sorts by where it can be sorted. */
export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  readonly number?: boolean;
  readonly cell: (row: Row) => ReactNode;
  readonly sort?: (row: Row) => string | number;
}

interface DataTableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[] | undefined;
  readonly rowKey: (row: Row) => string;
  readonly empty: string;
  readonly error?: unknown;
  readonly onRetry?: () => void;
  readonly onMore?: (() => void) | undefined;
}

interface Sorting {
  readonly id: string;
  readonly down: boolean;
}

function sorted<Row>(rows: readonly Row[], column: Column<Row> | undefined, down: boolean): readonly Row[] {
  const value = column?.sort;
  if (value === undefined) return rows;
  const ordered = rows.toSorted((first, second) => {
    const [one, other] = [value(first), value(second)];
    return one < other ? -1 : one > other ? 1 : 0;
  });
  return down ? ordered.toReversed() : ordered;
}

interface HeadProps {
  readonly column: { readonly id: string; readonly label: string; readonly number?: boolean };
  readonly sortable: boolean;
  readonly sorting: Sorting | null;
  readonly onSort: (sorting: Sorting) => void;
}

function Head({ column, sortable, sorting, onSort }: HeadProps) {
  const { text } = useText();
  const active = sorting?.id === column.id;
  const Arrow = sorting?.down === true ? ArrowDown : ArrowUp;
  return (
    <th
      scope="col"
      aria-sort={active ? (sorting.down ? 'descending' : 'ascending') : undefined}
      className={classNames(
        'sticky top-0 border-b border-line bg-sunken px-3 py-2 text-small font-medium whitespace-nowrap text-soft',
        column.number === true ? 'text-end' : 'text-start',
      )}
    >
      {sortable ? (
        <button
          type="button"
          title={text('ui.sortBy', { column: column.label })}
          onClick={() => onSort({ id: column.id, down: active ? !sorting.down : column.number === true })}
          className="inline-flex min-h-6 items-center gap-1 hover:text-text"
        >
          {column.label}
          {active && <Arrow size={14} aria-hidden />}
        </button>
      ) : (
        column.label
      )}
    </th>
  );
}

/** Rows under a sticky head; it scrolls inside itself, and is sorted by a click on a column. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, rowKey, empty, error, onRetry, onMore } = props;
  const { text } = useText();
  const [sorting, setSorting] = useState<Sorting | null>(null);
  if (error !== undefined && error !== null)
    return <ErrorNotice error={error} {...(onRetry === undefined ? {} : { onRetry })} />;
  if (rows === undefined) return <Skeleton className="h-48 rounded-card" />;
  if (rows.length === 0)
    return <p className="rounded-card border border-line px-4 py-8 text-center text-soft">{empty}</p>;
  const column = columns.find((each) => each.id === sorting?.id);
  return (
    <>
      <div
        role="region"
        aria-label={label}
        tabIndex={0}
        className="max-h-[70dvh] overflow-auto rounded-card border border-line"
      >
        <table className="w-full border-collapse text-body">
          <thead>
            <tr>
              {columns.map((each) => (
                <Head
                  key={each.id}
                  column={each}
                  sortable={each.sort !== undefined}
                  sorting={sorting}
                  onSort={setSorting}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted(rows, column, sorting?.down ?? false).map((row) => (
              <tr key={rowKey(row)} className="border-b border-line last:border-0">
                {columns.map((each) => (
                  <td
                    key={each.id}
                    className={classNames(
                      'px-3 py-2 align-middle max-md:whitespace-nowrap',
                      each.number === true && 'text-end tabular',
                    )}
                  >
                    {each.cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {onMore !== undefined && (
        <div className="flex justify-center pt-3">
          <Button small onClick={onMore}>
            {text('ui.loadMore')}
          </Button>
        </div>
      )}
    </>
  );
}
