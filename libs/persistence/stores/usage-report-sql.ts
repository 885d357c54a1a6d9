import type { Grouping } from '#libs/governance/ports/usage-report-store.js';

/**
 * The stretches of a report and the hours that have no rollup to trust.
 * $1 starts of the stretches, $2 end of the last one, $3 hours to read from the events in any case.
 */
const stretches = `
stretch as (
  select (n - 1)::int as stretch, starts, coalesce(lead(starts) over (order by n), $2::timestamptz) as ends
  from unnest($1::timestamptz[]) with ordinality as cut (starts, n)
), bound as (
  select min(starts) as starts, $2::timestamptz as ends from stretch
)`;

const rawHours = `
raw_hour as (
  select hour from usage_dirty_hour, bound where hour > starts - interval '1 hour' and hour < ends
  union select unnest($3::timestamptz[])
), raw as (
  select e.* from raw_hour r join usage_event e on e.at >= r.hour and e.at < r.hour + interval '1 hour'
  join bound on e.at >= starts and e.at < ends
)`;

/** Rows of a rollup table within the period that are up to date. */
function settled(table: string): string {
  return `${table} h join bound on h.hour >= starts and h.hour < ends
    where not exists (select 1 from raw_hour r where r.hour = h.hour)`;
}

const bucket = (ms: string) => `floor(ln(greatest(${ms}, 1)::double precision) / ln(1.1::double precision))::int`;

const groupings: Readonly<Record<Grouping, string>> = {
  report: 'grouping sets ((), (stretch), (model))',
  'stretch-and-model': 'grouping sets ((stretch, model))',
};

const cut = 'join stretch s on fact.at >= s.starts and fact.at < s.ends';

function sums(grouping: string): string {
  return `
with ${stretches}, ${rawHours},
fact as (
  select h.hour as at, model, channel, kind, status, n, prompt_tokens, completion_tokens, cost_micro_usd
  from ${settled('usage_hour')}
  union all
  select at, model, channel, kind, status, 1, prompt_tokens, completion_tokens, cost_micro_usd from raw
), summed as (
  select stretch, model, sum(n) as requests,
    coalesce(sum(n) filter (where channel = 'chat' and kind = 'chat'), 0) as messages,
    sum(prompt_tokens) as prompt_tokens, sum(completion_tokens) as completion_tokens,
    sum(cost_micro_usd) as cost_micro_usd,
    coalesce(sum(n) filter (where status = 'error'), 0) as errors,
    coalesce(sum(n) filter (where status = 'aborted'), 0) as aborted
  from fact ${cut} group by ${grouping}
), person_fact as (
  select h.hour as at, model, person_id from ${settled('usage_hour_person')}
  union all select at, model, person_id from raw
), active as (
  select stretch, model, count(distinct person_id) as active_people
  from person_fact as fact ${cut} group by ${grouping}
)
select summed.*, coalesce(active_people, 0) as active_people
from summed left join active
  on summed.stretch is not distinct from active.stretch and summed.model is not distinct from active.model
where requests is not null`;
}

function latencies(grouping: string): string {
  return `
with ${stretches}, ${rawHours},
fact as (
  select h.hour as at, model, measure, bucket, n from ${settled('usage_hour_latency')}
  union all select at, model, 'first_token', ${bucket('first_token_ms')}, 1 from raw where first_token_ms is not null
  union all select at, model, 'total', ${bucket('total_ms')}, 1 from raw where status = 'ok'
)
select stretch, model, measure, bucket, sum(n) as n
from fact ${cut} group by measure, bucket, ${grouping}`;
}

/** A rating belongs to the model whose answer was rated, and to the moment it was given. */
function thumbs(grouping: string): string {
  return `
with ${stretches},
fact as (
  select f.at, f.rating, coalesce(g.model, '') as model
  from feedback f join bound on f.at >= starts and f.at < ends
  left join lateral (
    select model from generation where message_id = f.message_id order by started_at desc limit 1
  ) g on true
)
select stretch, model, count(*) filter (where rating = 'up') as up, count(*) filter (where rating = 'down') as down
from fact ${cut} group by ${grouping} having count(*) > 0`;
}

function statementsOf(grouping: Grouping) {
  const sets = groupings[grouping];
  return { sums: sums(sets), latencies: latencies(sets), thumbs: thumbs(sets) };
}

export const figures = {
  report: statementsOf('report'),
  'stretch-and-model': statementsOf('stretch-and-model'),
} as const;

export const people = `
with ${stretches}, ${rawHours},
fact as (
  select person_id, n, tokens, cost_micro_usd from ${settled('usage_hour_person')}
  union all select person_id, 1, prompt_tokens + completion_tokens, cost_micro_usd from raw
), summed as (
  select person_id, sum(n) as requests, sum(tokens) as tokens, sum(cost_micro_usd) as cost_micro_usd
  from fact group by person_id
)
select s.person_id, p.name, p.email, requests, tokens, cost_micro_usd
from summed s left join person p on p.id = s.person_id
order by cost_micro_usd desc, requests desc, s.person_id limit $4`;

export const errors = `
with ${stretches}, ${rawHours},
fact as (
  select code, model, n, last_at from ${settled('usage_hour_error')}
  union all select coalesce(error_code, 'internal'), model, 1, at from raw where status = 'error'
)
select code, model, sum(n) as count, max(last_at) as last_at
from fact group by code, model order by count desc, code, model limit $4`;

export const takeDirtyHours = `
delete from usage_dirty_hour where hour in (
  select hour from usage_dirty_hour where hour + interval '1 hour' <= $1 order by hour limit $2
) returning hour`;

const events = `usage_event e join unnest($1::timestamptz[]) as h (hour)
  on e.at >= h.hour and e.at < h.hour + interval '1 hour'`;

/** Each replaces the rows of the hours in $1 by what the events say. */
export const recompute = [
  'delete from usage_hour where hour = any($1::timestamptz[])',
  'delete from usage_hour_latency where hour = any($1::timestamptz[])',
  'delete from usage_hour_error where hour = any($1::timestamptz[])',
  'delete from usage_hour_person where hour = any($1::timestamptz[])',
  `insert into usage_hour (hour, model, channel, kind, status, n, prompt_tokens, completion_tokens, cost_micro_usd)
   select h.hour, model, channel, kind, status, count(*), sum(prompt_tokens), sum(completion_tokens), sum(cost_micro_usd)
   from ${events} group by 1, 2, 3, 4, 5`,
  `insert into usage_hour_latency (hour, model, measure, bucket, n)
   select h.hour, model, 'first_token', ${bucket('first_token_ms')}, count(*)
   from ${events} where first_token_ms is not null group by 1, 2, 4
   union all
   select h.hour, model, 'total', ${bucket('total_ms')}, count(*) from ${events} where status = 'ok' group by 1, 2, 4`,
  `insert into usage_hour_error (hour, model, code, n, last_at)
   select h.hour, model, coalesce(error_code, 'internal'), count(*), max(at)
   from ${events} where status = 'error' group by 1, 2, 3`,
  `insert into usage_hour_person (hour, person_id, model, n, tokens, cost_micro_usd)
   select h.hour, person_id, model, count(*), sum(prompt_tokens + completion_tokens), sum(cost_micro_usd)
   from ${events} group by 1, 2, 3`,
] as const;
