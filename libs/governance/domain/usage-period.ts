import { AppError } from '#libs/kernel/errors.js';

/** Calendar days of a time zone, both ends included, as the admin asks for them. */
export interface UsagePeriod {
  readonly from: string;
  readonly to: string;
  readonly timeZone: string;
}

/** Stretches of time that follow each other: stretch `i` is `[starts[i], starts[i + 1])`, the last one ends at `end`. */
export interface UsageCuts {
  readonly starts: readonly Date[];
  readonly end: Date;
  /** Hours that must be read from the events: the running one, and those that a cut goes through. */
  readonly rawHours: readonly Date[];
}

const dayMs = 86_400_000;
const hourMs = 3_600_000;
const longestDays = 400;

function dayNumber(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / dayMs;
}

function dayText(number: number): string {
  return new Date(number * dayMs).toISOString().slice(0, 10);
}

/** The days of a period, in order. @throws {AppError} bad_request for an empty or too long one */
export function daysOf(period: UsagePeriod): readonly string[] {
  const first = dayNumber(period.from);
  const count = dayNumber(period.to) - first + 1;
  if (count < 1) throw new AppError('bad_request', 'The period ends before it starts.', { field: 'to' });
  if (count > longestDays)
    throw new AppError('bad_request', `A period has at most ${longestDays} days.`, { field: 'from' });
  return Array.from({ length: count }, (_, index) => dayText(first + index));
}

/** The period of the same length just before. */
export function periodBefore(period: UsagePeriod): UsagePeriod {
  const first = dayNumber(period.from);
  const count = dayNumber(period.to) - first + 1;
  return { ...period, from: dayText(first - count), to: dayText(first - 1) };
}

/** Where the days begin. Days of a zone with a half hour cut through hours of UTC. */
export function cutsOf(period: UsagePeriod, now: Date): UsageCuts {
  const clock = clockOf(period.timeZone);
  const days = daysOf(period);
  const starts = days.map((day) => startOfDay(day, clock));
  const end = startOfDay(dayText(dayNumber(period.to) + 1), clock);
  return { starts, end, rawHours: rawHoursOf([...starts, end], now) };
}

/** The whole period as one stretch. */
export function wholeOf(cuts: UsageCuts): UsageCuts {
  return { ...cuts, starts: cuts.starts.slice(0, 1) };
}

function rawHoursOf(cuts: readonly Date[], now: Date): readonly Date[] {
  const hours = cuts.filter((cut) => cut.getTime() % hourMs !== 0).map((cut) => hourOf(cut).getTime());
  return [...new Set([...hours, hourOf(now).getTime()])].map((time) => new Date(time));
}

/** The UTC hour that contains `at`. */
export function hourOf(at: Date): Date {
  return new Date(Math.floor(at.getTime() / hourMs) * hourMs);
}

/** @throws {AppError} bad_request for a zone that is not known */
function clockOf(timeZone: string): Intl.DateTimeFormat {
  const fields = { year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-US', { ...fields, second: '2-digit', hourCycle: 'h23', era: 'short', timeZone });
  } catch (cause) {
    throw new AppError('bad_request', 'The time zone is not known.', { field: 'timeZone', cause });
  }
}

/** What a wall clock shows at `at`, read as if it were UTC. */
function wallTime(clock: Intl.DateTimeFormat, at: number): number {
  const parts = Object.fromEntries(clock.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The first moment of a calendar day: midnight, or where clocks jump over it the moment after. */
function startOfDay(day: string, clock: Intl.DateTimeFormat): Date {
  const midnight = dayNumber(day) * dayMs;
  const offsetAt = (at: number) => wallTime(clock, at) - Math.floor(at / 1_000) * 1_000;
  // Every offset in force around the day; the first moment that shows this day is its start.
  const offsets = new Set([midnight - dayMs, midnight, midnight + dayMs].map(offsetAt));
  const candidates = [...offsets].map((offset) => midnight - offset).sort((one, other) => one - other);
  const start = candidates.find((at) => wallTime(clock, at) >= midnight && wallTime(clock, at - 1_000) < midnight);
  return new Date(start ?? Math.max(...candidates));
}
