/** `$0.0123`: small amounts keep the digits that matter. */
export function formatCost(microUsd: number, locale: string): string {
  const usd = microUsd / 1_000_000;
  const digits = usd !== 0 && Math.abs(usd) < 1 ? 4 : 2;
  return new Intl.NumberFormat(locale, {
    style: 'currency',
    currency: 'USD',
    minimumFractionDigits: 2,
    maximumFractionDigits: digits,
  }).format(usd);
}

/** `12,345`, or `12.3K` from a hundred thousand on where `compact`. */
export function formatCount(value: number, locale: string, compact = false): string {
  if (!compact || value < 100_000) return new Intl.NumberFormat(locale).format(value);
  return new Intl.NumberFormat(locale, { notation: 'compact', maximumFractionDigits: 1 }).format(value);
}

/** `850 ms` or `1.2 s`. */
export function formatDuration(ms: number | null, locale: string): string {
  if (ms === null) return '–';
  const seconds = ms >= 1000;
  return new Intl.NumberFormat(locale, {
    style: 'unit',
    unit: seconds ? 'second' : 'millisecond',
    unitDisplay: 'short',
    maximumFractionDigits: seconds ? 1 : 0,
  }).format(seconds ? ms / 1000 : ms);
}

/** Date and time of day. */
export function formatTime(iso: string, locale: string): string {
  return new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(iso));
}

/** The calendar day; `iso` may be a bare date, which is that day everywhere. */
export function formatDay(iso: string, locale: string, style: 'short' | 'medium' = 'medium'): string {
  const bare = /^\d{4}-\d{2}-\d{2}$/.test(iso);
  const options: Intl.DateTimeFormatOptions =
    style === 'short' ? { day: 'numeric', month: 'short' } : { dateStyle: 'medium' };
  return new Intl.DateTimeFormat(locale, { ...options, ...(bare ? { timeZone: 'UTC' } : {}) }).format(new Date(iso));
}

const steps: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
];

/** `3 hours ago`; days ago beyond a month are a date. */
export function formatAgo(iso: string, locale: string): string {
  const passed = Date.now() - Date.parse(iso);
  if (passed > 30 * 86_400_000) return formatDay(iso, locale);
  const [unit, size] = steps.find(([, ms]) => Math.abs(passed) >= ms) ?? ['minute', 60_000];
  return new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-Math.round(passed / size), unit);
}
