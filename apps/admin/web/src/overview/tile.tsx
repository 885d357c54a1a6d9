import { ArrowDownRight, ArrowRight, ArrowUpRight } from 'lucide-react';
import { classNames } from '#libs/ui/class-names.js';
import { useText } from '#libs/ui/use-text.js';

function Sparkline({ values }: { readonly values: readonly number[] }) {
  const top = Math.max(...values, 0);
  if (top === 0 || values.length < 2) return <div aria-hidden className="h-8 border-b border-line" />;
  const points = values.map((value, index) => {
    const across = (index / (values.length - 1)) * 100;
    return `${across.toFixed(2)},${(29 - (value / top) * 26).toFixed(2)}`;
  });
  return (
    <svg aria-hidden viewBox="0 0 100 30" preserveAspectRatio="none" className="h-8 w-full overflow-visible">
      <polyline
        points={points.join(' ')}
        fill="none"
        stroke="var(--accent-text)"
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}

interface TileProps {
  readonly title: string;
  readonly value: string;
  readonly now: number | null;
  /** The same figure of the period before; null when it is not compared, or there was none. */
  readonly before: number | null;
  /** Whether more of it is good, bad, or neither. */
  readonly more: 'good' | 'bad' | 'neutral';
  readonly values: readonly number[];
}

/** A figure, its change against the period before, and how it went from day to day. */
export function Tile({ title, value, now, before, more, values }: TileProps) {
  const { text, locale } = useText();
  const change = now === null || before === null || before === 0 ? null : (now - before) / before;
  const percent = new Intl.NumberFormat(locale, {
    style: 'percent',
    maximumFractionDigits: 0,
    signDisplay: 'exceptZero',
  });
  const Arrow = change === null || Math.abs(change) < 0.005 ? ArrowRight : change > 0 ? ArrowUpRight : ArrowDownRight;
  const isGood = change !== null && change > 0 === (more === 'good');
  const tone = more === 'neutral' || Arrow === ArrowRight ? 'text-soft' : isGood ? 'text-good' : 'text-danger';
  return (
    <li className="flex min-w-0 flex-col gap-1 rounded-card border border-line bg-raised p-4">
      <p className="truncate text-small text-soft">{title}</p>
      <p className="truncate text-display font-semibold tabular">{value}</p>
      <p className={classNames('flex min-h-4.5 items-center gap-1 text-small', tone)}>
        {change !== null && (
          <>
            <Arrow size={16} aria-hidden />
            <span className="tabular">{percent.format(change)}</span>
            <span className="truncate text-soft">{text('tile.before')}</span>
          </>
        )}
      </p>
      <Sparkline values={values} />
    </li>
  );
}
