import type { EntityManager } from 'typeorm';
import type { UsageEvent } from '#libs/inference/domain/usage.js';
import { type MonthSpending, UsageStore } from '#libs/inference/ports/usage-store.js';

/** Columns of `usage_event` with their types, and where each value comes from. */
const columns: readonly (readonly [name: string, type: string, value: (event: UsageEvent) => unknown])[] = [
  ['id', 'uuid', (event) => event.id],
  ['at', 'timestamptz', (event) => event.at.toISOString()],
  ['person_id', 'uuid', (event) => event.personId],
  ['key_id', 'text', (event) => event.keyId],
  ['channel', 'text', (event) => event.channel],
  ['kind', 'text', (event) => event.kind],
  ['model', 'text', (event) => event.model],
  ['backend', 'text', (event) => event.backend],
  ['status', 'text', (event) => event.status],
  ['error_code', 'text', (event) => event.errorCode],
  ['prompt_tokens', 'integer', (event) => event.promptTokens],
  ['completion_tokens', 'integer', (event) => event.completionTokens],
  ['estimated', 'boolean', (event) => event.estimated],
  ['cost_micro_usd', 'bigint', (event) => event.costMicroUsd],
  ['first_token_ms', 'integer', (event) => event.firstTokenMs],
  ['total_ms', 'integer', (event) => event.totalMs],
  ['attempts', 'integer', (event) => event.attempts],
];
const names = columns.map(([name]) => name).join(', ');
const arrays = columns.map(([, type], index) => `$${index + 1}::${type}[]`).join(', ');

/**
 * One statement for a whole batch: rows that were there before are left out of everything that follows, so a
 * batch that is written twice counts once.
 */
const appendSql = `
with added as (
  insert into usage_event (${names}) select * from unnest(${arrays})
  on conflict (id) do nothing returning at, cost_micro_usd
), dirty as (
  insert into usage_dirty_hour (hour) select distinct date_trunc('hour', at, 'UTC') from added
  on conflict (hour) do nothing
)
insert into budget_month as budget (month, spent_micro_usd)
  select date_trunc('month', at, 'UTC') at time zone 'UTC', sum(cost_micro_usd) from added group by 1
on conflict (month) do update set spent_micro_usd = budget.spent_micro_usd + excluded.spent_micro_usd
returning month::text as month, spent_micro_usd::text as spent`;

interface MonthRow {
  readonly month: string;
  readonly spent: string;
}

export class PostgresUsageStore extends UsageStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async append(events: readonly UsageEvent[]): Promise<readonly MonthSpending[]> {
    if (events.length === 0) return [];
    const values = columns.map(([, , value]) => events.map(value));
    const rows: MonthRow[] = await this.manager.query(appendSql, values);
    return rows.map(({ month, spent }) => ({ month, spentMicroUsd: Number(spent) }));
  }

  override async spent(month: string): Promise<number> {
    const rows: Pick<MonthRow, 'spent'>[] = await this.manager.query(
      'select spent_micro_usd::text as spent from budget_month where month = $1',
      [month],
    );
    return Number(rows[0]?.spent ?? 0);
  }
}
