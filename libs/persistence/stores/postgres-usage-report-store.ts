import type { EntityManager } from 'typeorm';
import { type Histogram, noFigures, type RawFigures } from '#libs/governance/domain/usage-figures.js';
import type { UsageCuts } from '#libs/governance/domain/usage-period.js';
import {
  type ErrorUsage,
  type GroupedFigures,
  type Grouping,
  type PersonUsage,
  UsageReportStore,
} from '#libs/governance/ports/usage-report-store.js';
import { sql } from '../sql.js';
import * as statements from './usage-report-sql.js';

interface Group {
  readonly stretch: number | null;
  readonly model: string | null;
}
type SumRow = Group & Record<keyof Omit<RawFigures, 'firstToken' | 'total' | 'thumbsUp' | 'thumbsDown'>, string>;
type LatencyRow = Group & { readonly measure: 'first_token' | 'total'; readonly bucket: number; readonly n: string };
type ThumbRow = Group & { readonly up: string; readonly down: string };

function keyOf({ stretch, model }: Group): string {
  return JSON.stringify([stretch, model]);
}

function valuesOf({ starts, end, rawHours }: UsageCuts) {
  return [starts.map((at) => at.toISOString()), end, rawHours.map((at) => at.toISOString())] as const;
}

export class PostgresUsageReportStore extends UsageReportStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async figures(cuts: UsageCuts, grouping: Grouping): Promise<readonly GroupedFigures[]> {
    const text = statements.figures[grouping];
    const values = valuesOf(cuts);
    const sums = await sql<SumRow>(this.manager, text.sums, values);
    const latencies = await sql<LatencyRow>(this.manager, text.latencies, values);
    const thumbs = await sql<ThumbRow>(this.manager, text.thumbs, values.slice(0, 2));
    const thumbsByKey = new Map(thumbs.map((row) => [keyOf(row), row]));
    const histograms = histogramsOf(latencies);
    const groups = new Map<string, Group>([...sums, ...thumbs].map((row) => [keyOf(row), row]));
    const sumsByKey = new Map(sums.map((row) => [keyOf(row), row]));
    return [...groups].map(([key, { stretch, model }]) => ({
      stretch,
      model,
      figures: {
        ...sumsOf(sumsByKey.get(key)),
        firstToken: histograms.get(`${key} first_token`) ?? new Map(),
        total: histograms.get(`${key} total`) ?? new Map(),
        thumbsUp: Number(thumbsByKey.get(key)?.up ?? 0),
        thumbsDown: Number(thumbsByKey.get(key)?.down ?? 0),
      },
    }));
  }

  override async people(cuts: UsageCuts, limit: number): Promise<readonly PersonUsage[]> {
    const rows = await sql<Record<keyof PersonUsage, string | null>>(this.manager, statements.people, [
      ...valuesOf(cuts),
      limit,
    ]);
    return rows.map((row) => ({
      personId: row.personId,
      name: row.name,
      email: row.email,
      requests: Number(row.requests),
      tokens: Number(row.tokens),
      costMicroUsd: Number(row.costMicroUsd),
    }));
  }

  override async errors(cuts: UsageCuts, limit: number): Promise<readonly ErrorUsage[]> {
    const rows = await sql<Omit<ErrorUsage, 'count'> & { count: string }>(this.manager, statements.errors, [
      ...valuesOf(cuts),
      limit,
    ]);
    return rows.map((row) => ({ ...row, count: Number(row.count) }));
  }

  override async spentMicroUsd(month: string): Promise<number> {
    const [row] = await sql<{ spent: string }>(
      this.manager,
      'select spent_micro_usd::text as spent from budget_month where month = $1',
      [month],
    );
    return Number(row?.spent ?? 0);
  }

  override async rollUp(before: Date, limit: number): Promise<number> {
    // Waits for every writer that has marked an hour and lets no new one in until this transaction ends: an event
    // is either seen by the statements below, or marks its hour again after them.
    await sql(this.manager, 'lock table usage_dirty_hour in share row exclusive mode');
    const hours = await sql<{ hour: Date }>(this.manager, statements.takeDirtyHours, [before, limit]);
    if (hours.length === 0) return 0;
    const taken = [hours.map(({ hour }) => hour.toISOString())];
    for (const text of statements.recompute) await sql(this.manager, text, taken);
    return hours.length;
  }
}

function sumsOf(row: SumRow | undefined): RawFigures {
  if (row === undefined) return noFigures;
  return {
    ...noFigures,
    requests: Number(row.requests),
    messages: Number(row.messages),
    activePeople: Number(row.activePeople),
    promptTokens: Number(row.promptTokens),
    completionTokens: Number(row.completionTokens),
    costMicroUsd: Number(row.costMicroUsd),
    errors: Number(row.errors),
    aborted: Number(row.aborted),
  };
}

function histogramsOf(rows: readonly LatencyRow[]): ReadonlyMap<string, Histogram> {
  const all = new Map<string, Map<number, number>>();
  for (const row of rows) {
    const key = `${keyOf(row)} ${row.measure}`;
    const histogram = all.get(key) ?? new Map<number, number>();
    histogram.set(row.bucket, Number(row.n));
    all.set(key, histogram);
  }
  return all;
}
