import type { UsageFigures, UsageReport } from '#libs/contracts/admin-api.js';
import { formatCost, formatCount, formatDuration } from '#libs/ui/format.js';
import { useText, type Text } from '#libs/ui/use-text.js';
import { Tile } from './tile.js';

interface Figure {
  readonly id: string;
  readonly more: 'good' | 'bad' | 'neutral';
  readonly of: (figures: UsageFigures) => number | null;
  readonly format: (value: number, locale: string) => string;
}

const count = (value: number, locale: string): string => formatCount(value, locale, true);

const figures: readonly Figure[] = [
  { id: 'messages', more: 'good', of: (all) => all.messages, format: count },
  { id: 'activePeople', more: 'good', of: (all) => all.activePeople, format: count },
  { id: 'tokens', more: 'neutral', of: (all) => all.promptTokens + all.completionTokens, format: count },
  { id: 'cost', more: 'neutral', of: (all) => all.costMicroUsd, format: formatCost },
  { id: 'firstToken', more: 'bad', of: (all) => all.firstTokenMs.p95, format: formatDuration },
  { id: 'errors', more: 'bad', of: (all) => all.errors, format: count },
];

function shown(figure: Figure, value: number | null, locale: string, text: Text): string {
  return value === null ? text('tile.none') : figure.format(value, locale);
}

/** The six figures people ask for first. */
export function Tiles({ report, compare }: { readonly report: UsageReport; readonly compare: boolean }) {
  const { text, locale } = useText();
  return (
    <ul className="grid grid-cols-2 gap-3 lg:grid-cols-3" data-testid="tiles">
      {figures.map((figure) => {
        const now = figure.of(report.total);
        return (
          <Tile
            key={figure.id}
            title={text(`tile.${figure.id}`)}
            value={shown(figure, now, locale, text)}
            now={now}
            before={compare ? figure.of(report.before) : null}
            more={figure.more}
            values={report.days.map((day) => figure.of(day.figures) ?? 0)}
          />
        );
      })}
    </ul>
  );
}
