import { Bar, BarChart, CartesianGrid, ResponsiveContainer, Tooltip, XAxis, YAxis } from 'recharts';
import { formatDay } from '#libs/ui/format.js';

/** One day of a chart with one series, or two that are stacked. */
export interface ChartPoint {
  readonly day: string;
  readonly first: number;
  readonly second: number;
}

interface PlotProps {
  readonly names: readonly string[];
  readonly points: readonly ChartPoint[];
  readonly format: (value: number) => string;
  readonly locale: string;
}

const axis = { fontSize: 12, fill: 'var(--text-soft)' };

/** The drawing of a chart; loaded with the first one, because the library is large. */
export function Plot({ points, names, format, locale }: PlotProps) {
  const [first = '', second] = names;
  return (
    <ResponsiveContainer width="100%" height="100%">
      <BarChart data={[...points]} margin={{ top: 8, right: 4, bottom: 0, left: 0 }} accessibilityLayer={false}>
        <CartesianGrid vertical={false} stroke="var(--line)" />
        <XAxis
          dataKey="day"
          tick={axis}
          tickLine={false}
          axisLine={{ stroke: 'var(--line)' }}
          minTickGap={28}
          tickFormatter={(day: string) => formatDay(day, locale, 'short')}
        />
        <YAxis
          allowDecimals={false}
          tick={axis}
          tickLine={false}
          axisLine={false}
          width={56}
          tickFormatter={format}
          tickCount={4}
        />
        <Tooltip
          cursor={{ fill: 'var(--hover)' }}
          isAnimationActive={false}
          formatter={(value) => format(Number(value))}
          labelFormatter={(day) => (typeof day === 'string' ? formatDay(day, locale) : '')}
          contentStyle={{
            background: 'var(--raised)',
            border: '1px solid var(--line)',
            borderRadius: 8,
            boxShadow: 'var(--float)',
            fontSize: 13,
            padding: '6px 10px',
          }}
          itemStyle={{ color: 'var(--text)', padding: 0 }}
          labelStyle={{ color: 'var(--text-soft)' }}
        />
        <Bar
          dataKey="first"
          name={first}
          stackId="all"
          fill="var(--accent)"
          maxBarSize={28}
          isAnimationActive={false}
        />
        {second !== undefined && (
          <Bar
            dataKey="second"
            name={second}
            stackId="all"
            fill="color-mix(in oklch, var(--accent) 42%, var(--raised))"
            maxBarSize={28}
            isAnimationActive={false}
          />
        )}
      </BarChart>
    </ResponsiveContainer>
  );
}
