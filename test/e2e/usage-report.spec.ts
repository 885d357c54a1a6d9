import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { noFigures, percentiles, bucketOf } from '#libs/governance/domain/usage-figures.js';
import { cutsOf, type UsageCuts, wholeOf } from '#libs/governance/domain/usage-period.js';
import type { UsageEvent } from '#libs/inference/domain/usage.js';
import { pause } from '#libs/kernel/abort.js';
import { RandomIds } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { openTestDatabase, type TestDatabase } from '#test/support/test-database.js';

const ids = new RandomIds();
const people = [ids.next(), ids.next(), null];
const base = Date.UTC(2026, 2, 27);
const hour = 3_600_000;

type Draft = Omit<UsageEvent, 'tenant' | 'id'>;

const draft: fc.Arbitrary<Draft> = fc.record({
  at: fc.integer({ min: 0, max: 5 * 24 * hour }).map((offset) => new Date(base + offset)),
  personId: fc.constantFrom(...people),
  keyId: fc.constant(null),
  channel: fc.constantFrom('chat' as const, 'api' as const),
  kind: fc.constantFrom('chat' as const, 'embeddings' as const),
  model: fc.constantFrom('small', 'large'),
  backend: fc.constant('b'),
  status: fc.constantFrom('ok' as const, 'ok' as const, 'error' as const, 'aborted' as const),
  errorCode: fc.constantFrom('backend_timeout', 'backend_refused'),
  promptTokens: fc.nat(1_000),
  completionTokens: fc.nat(1_000),
  estimated: fc.boolean(),
  costMicroUsd: fc.nat(1_000_000),
  firstTokenMs: fc.option(fc.nat(20_000)),
  totalMs: fc.nat(60_000),
  attempts: fc.constant(1),
});

/** The figures by going over all events, one by one. */
function bruteForce(events: readonly Draft[], from: Date, to: Date, model: string | null) {
  const mine = events.filter((event) => event.at >= from && event.at < to && (model === null || event.model === model));
  const sum = (pick: (event: Draft) => number) => mine.reduce((total, event) => total + pick(event), 0);
  const histogram = (values: readonly (number | null)[]) => {
    const map = new Map<number, number>();
    for (const ms of values) if (ms !== null) map.set(bucketOf(ms), (map.get(bucketOf(ms)) ?? 0) + 1);
    return map;
  };
  return {
    requests: mine.length,
    messages: mine.filter(({ channel, kind }) => channel === 'chat' && kind === 'chat').length,
    activePeople: new Set(mine.flatMap(({ personId }) => (personId === null ? [] : [personId]))).size,
    promptTokens: sum(({ promptTokens }) => promptTokens),
    completionTokens: sum(({ completionTokens }) => completionTokens),
    costMicroUsd: sum(({ costMicroUsd }) => costMicroUsd),
    errors: mine.filter(({ status }) => status === 'error').length,
    aborted: mine.filter(({ status }) => status === 'aborted').length,
    firstToken: percentiles(histogram(mine.map(({ firstTokenMs }) => firstTokenMs))),
    total: percentiles(histogram(mine.flatMap(({ status, totalMs }) => (status === 'ok' ? [totalMs] : [])))),
    thumbsUp: 0,
    thumbsDown: 0,
  };
}

describe('usage reports', () => {
  let database: TestDatabase;
  let count = 0;

  beforeAll(async () => {
    database = await openTestDatabase();
  });
  afterAll(() => database.close());

  const write = (tenant: Tenant, events: readonly Draft[]) =>
    database.sessions.run(tenant.id, ({ usage }) =>
      usage.append(events.map((event) => ({ ...event, tenant: tenant.id, id: ids.next() }))),
    );
  const read = (tenant: Tenant, cuts: UsageCuts) =>
    database.sessions.run(tenant.id, async ({ usageReports }) => ({
      groups: await usageReports.figures(cuts, 'report'),
      cells: await usageReports.figures(cuts, 'stretch-and-model'),
      people: await usageReports.people(wholeOf(cuts), 20),
      errors: await usageReports.errors(wholeOf(cuts), 20),
    }));
  const rollUp = (tenant: Tenant, before: Date, limit = 1_000) =>
    database.sessions.run(tenant.id, ({ usageReports }) => usageReports.rollUp(before, limit));

  it('say what the events say, however much of them is rolled up, in every time zone', async () => {
    const zones = fc.constantFrom('UTC', 'Europe/Berlin', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/Los_Angeles');
    const early = fc.array(draft, { maxLength: 60 });
    const late = fc.array(draft, { maxLength: 15 });
    const nowOffset = fc.integer({ min: 24, max: 120 });
    await fc.assert(
      fc.asyncProperty(zones, early, late, nowOffset, async (timeZone, first, second, offset) => {
        const tenant = await database.provision(`usage-${(count += 1)}`);
        const now = new Date(base + offset * hour + 1_234_567);
        await write(tenant, first);
        await rollUp(tenant, new Date(Math.floor(now.getTime() / hour) * hour), 40);
        await write(tenant, second);
        const events = [...first, ...second];
        const cuts = cutsOf({ from: '2026-03-28', to: '2026-03-30', timeZone }, now);

        const { groups, cells, people: byPerson, errors } = await read(tenant, cuts);

        const ends = [...cuts.starts.slice(1), cuts.end];
        const found = (stretch: number | null, model: string | null, from = groups) => {
          const figures =
            from.find((group) => group.stretch === stretch && group.model === model)?.figures ?? noFigures;
          return { ...figures, firstToken: percentiles(figures.firstToken), total: percentiles(figures.total) };
        };
        const [start] = cuts.starts;
        expect(found(null, null)).toEqual(bruteForce(events, start!, cuts.end, null));
        for (const model of ['small', 'large'])
          expect(found(null, model)).toEqual(bruteForce(events, start!, cuts.end, model));
        for (const [index, from] of cuts.starts.entries()) {
          expect(found(index, null)).toEqual(bruteForce(events, from, ends[index]!, null));
          expect(found(index, 'small', cells)).toEqual(bruteForce(events, from, ends[index]!, 'small'));
        }
        for (const person of people) {
          const mine = events.filter(({ personId, at }) => personId === person && at >= start! && at < cuts.end);
          const cost = mine.reduce((sum, { costMicroUsd }) => sum + costMicroUsd, 0);
          expect(byPerson.find(({ personId }) => personId === person)?.costMicroUsd ?? 0).toBe(cost);
          expect(byPerson.find(({ personId }) => personId === person)?.requests ?? 0).toBe(mine.length);
        }
        const failed = events.filter(({ status, at }) => status === 'error' && at >= start! && at < cuts.end);
        expect(errors.reduce((sum, error) => sum + error.count, 0)).toBe(failed.length);
        for (const { code, model, lastAt } of errors) {
          const same = failed.filter((event) => event.errorCode === code && event.model === model);
          expect(lastAt.getTime()).toBe(Math.max(...same.map(({ at }) => at.getTime())));
        }
      }),
      { numRuns: 15 },
    );
  });

  it('leave nothing to recompute, change nothing when run again, and leave the running hour alone', async () => {
    const tenant = await database.provision('rolled');
    const [event] = fc.sample(draft, 1);
    await write(tenant, [
      { ...event!, at: new Date(base) },
      { ...event!, at: new Date(base + 5 * hour) },
    ]);

    expect(await rollUp(tenant, new Date(base + 5 * hour))).toBe(1);
    expect(await rollUp(tenant, new Date(base + 5 * hour))).toBe(0);
    expect(await rollUp(tenant, new Date(base + 6 * hour))).toBe(1);
  });

  it('miss no event whose writer has not committed while its hour is rolled up', async () => {
    const tenant = await database.provision('racing');
    const [event] = fc.sample(draft, 1);
    const one = { ...event!, at: new Date(base), costMicroUsd: 1 };
    const later = new Date(base + 100 * hour);
    // The hour is marked already, so the second writer's mark changes nothing and locks nothing.
    await write(tenant, [one]);
    let commit: () => void = () => undefined;
    const held = new Promise<void>((resolve) => (commit = resolve));
    let hasWritten: () => void = () => undefined;
    const written = new Promise<void>((resolve) => (hasWritten = resolve));

    const writing = database.sessions.run(tenant.id, async ({ usage }) => {
      await usage.append([{ ...one, tenant: tenant.id, id: ids.next() }]);
      hasWritten();
      await held;
    });
    await written;
    const rolling = rollUp(tenant, later);
    const isEarly = await Promise.race([rolling.then(() => true), pause(200).then(() => false)]);
    commit();
    await Promise.all([writing, rolling]);
    await rollUp(tenant, later);

    const cuts = cutsOf({ from: '2026-03-27', to: '2026-03-27', timeZone: 'UTC' }, later);
    const { groups } = await read(tenant, cuts);
    expect(groups.find(({ stretch, model }) => stretch === null && model === null)?.figures.costMicroUsd).toBe(2);
    expect(isEarly).toBe(false);
  });

  it('never count another tenant', async () => {
    const [mine, other] = await Promise.all([database.provision('mine'), database.provision('other')]);
    const [event] = fc.sample(draft, 1);
    await write(other, [{ ...event!, at: new Date(base + hour) }]);

    const {
      groups,
      people: byPerson,
      errors,
    } = await read(mine, cutsOf({ from: '2026-03-27', to: '2026-03-28', timeZone: 'UTC' }, new Date(base + 48 * hour)));

    expect([groups, byPerson, errors]).toEqual([[], [], []]);
  });
});
