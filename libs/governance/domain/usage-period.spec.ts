import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { cutsOf, daysOf, periodBefore } from './usage-period.js';

const now = new Date('2026-06-15T12:34:56Z');
const startsOf = (from: string, to: string, timeZone: string) => {
  const { starts, end } = cutsOf({ from, to, timeZone }, now);
  return [...starts, end].map((at) => at.toISOString().slice(0, 16));
};

describe('the days of a period', () => {
  it.each([
    ['UTC', ['2026-03-28T00:00', '2026-03-29T00:00', '2026-03-30T00:00']],
    ['Europe/Berlin', ['2026-03-27T23:00', '2026-03-28T23:00', '2026-03-29T22:00']],
    ['Asia/Kathmandu', ['2026-03-27T18:15', '2026-03-28T18:15', '2026-03-29T18:15']],
    ['Pacific/Kiritimati', ['2026-03-27T10:00', '2026-03-28T10:00', '2026-03-29T10:00']],
  ])('begin at midnight in %s', (timeZone, expected) => {
    expect(startsOf('2026-03-28', '2026-03-29', timeZone)).toEqual(expected);
  });

  it('begin an hour late where clocks jump over midnight', () => {
    // In 2026 Cairo goes from 00:00 to 01:00 on 24 April.
    expect(startsOf('2026-04-23', '2026-04-24', 'Africa/Cairo')).toEqual([
      '2026-04-22T22:00',
      '2026-04-23T22:00',
      '2026-04-24T21:00',
    ]);
  });

  it('follow each other, 23 to 25 hours long, in every zone and year', () => {
    const zones = ['America/New_York', 'Australia/Lord_Howe', 'Asia/Kolkata', 'Africa/Cairo', 'America/Santiago'];
    fc.assert(
      fc.property(fc.constantFrom(...zones), fc.integer({ min: 2020, max: 2035 }), (timeZone, year) => {
        const { starts, end } = cutsOf({ from: `${year}-01-01`, to: `${year}-12-31`, timeZone }, now);
        const all = [...starts, end].map((at) => at.getTime() / 3_600_000);
        const lengths = all.slice(1).map((at, index) => at - (all[index] ?? 0));
        expect(Math.min(...lengths)).toBeGreaterThanOrEqual(23);
        expect(Math.max(...lengths)).toBeLessThanOrEqual(25);
      }),
      { numRuns: 20 },
    );
  });

  it('name the running hour, and hours that a day begins in, to be read from the events', () => {
    const { rawHours } = cutsOf({ from: '2026-03-28', to: '2026-03-28', timeZone: 'Asia/Kolkata' }, now);

    expect(rawHours.map((hour) => hour.toISOString().slice(0, 16))).toEqual([
      '2026-03-27T18:00',
      '2026-03-28T18:00',
      '2026-06-15T12:00',
    ]);
  });

  it.each([
    [{ from: '2026-02-02', to: '2026-02-01', timeZone: 'UTC' }, 'to'],
    [{ from: '2025-01-01', to: '2026-12-31', timeZone: 'UTC' }, 'from'],
    [{ from: '2026-01-01', to: '2026-01-01', timeZone: 'Mars/Base' }, 'timeZone'],
  ])('are refused for %j', (period, field) => {
    expect(() => cutsOf(period, now)).toThrow(expect.objectContaining({ code: 'bad_request', field }));
  });

  it('have a period of the same length before them', () => {
    const before = periodBefore({ from: '2026-03-01', to: '2026-03-07', timeZone: 'UTC' });

    expect(before).toMatchObject({ from: '2026-02-22', to: '2026-02-28' });
    expect(daysOf(before)).toHaveLength(7);
  });
});
