import { useQuery } from '@tanstack/react-query';
import { useSearch } from '#libs/ui/router.js';
import { api } from '../app/api.js';

/** A stretch of calendar days, both ends inclusive. */
export interface Period {
  readonly from: string;
  readonly to: string;
  readonly compare: boolean;
}

const dayMs = 86_400_000;
/** More days than this the server does not answer for. */
export const longestPeriodDays = 400;
export const timeZone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** A date of the reader's calendar as `YYYY-MM-DD`; Swedish dates are written that way. */
function isoDay(date: Date): string {
  return new Intl.DateTimeFormat('sv-SE').format(date);
}

/** The last `days` days, today among them. */
export function lastDays(days: number): { readonly from: string; readonly to: string } {
  const now = new Date();
  return { from: isoDay(new Date(now.getTime() - (days - 1) * dayMs)), to: isoDay(now) };
}

/** From the first of this month on. */
export function thisMonth(): { readonly from: string; readonly to: string } {
  const now = new Date();
  return { from: isoDay(new Date(now.getFullYear(), now.getMonth(), 1)), to: isoDay(now) };
}

const isDay = (value: string | null): value is string => value !== null && /^\d{4}-\d{2}-\d{2}$/.test(value);

/** The period in the address; without one the last 30 days, compared with those before. */
export function usePeriod(): [Period, (change: Partial<Period>) => void] {
  const [search, setSearch] = useSearch();
  const usual = lastDays(30);
  const from = search.get('from');
  const to = search.get('to');
  const valid = isDay(from) && isDay(to) && from <= to && Date.parse(to) - Date.parse(from) < longestPeriodDays * dayMs;
  const period = { ...(valid ? { from, to } : usual), compare: search.get('compare') !== 'off' };
  const change = (next: Partial<Period>): void => {
    const merged = { ...period, ...next };
    setSearch({ from: merged.from, to: merged.to, compare: merged.compare ? null : 'off' });
  };
  return [period, change];
}

/** Usage of a period. */
export function useUsage({ from, to }: Period) {
  return useQuery({
    queryKey: ['usage', from, to],
    queryFn: ({ signal }) => api('GET /api/usage', { query: { from, to, timeZone }, signal }),
    placeholderData: (before) => before,
  });
}
