-- Usage stands apart from messages, so that deleting a chat never gives tokens back. Money is in millionths of a dollar.
create table usage_event (
  id uuid primary key,
  at timestamptz not null,
  person_id uuid,
  key_id text,
  channel text not null check (channel in ('chat', 'api')),
  kind text not null check (kind in ('chat', 'embeddings')),
  model text not null,
  backend text not null,
  status text not null check (status in ('ok', 'error', 'aborted')),
  error_code text,
  prompt_tokens integer not null,
  completion_tokens integer not null,
  estimated boolean not null,
  cost_micro_usd bigint not null,
  first_token_ms integer,
  total_ms integer not null,
  attempts integer not null
);
create index usage_event_at on usage_event (at);

-- Hours whose rollup is out of date; written in the same transaction as the event.
create table usage_dirty_hour (
  hour timestamptz primary key
);

create table usage_hour (
  hour timestamptz not null,
  model text not null,
  channel text not null,
  kind text not null,
  status text not null,
  n integer not null,
  prompt_tokens bigint not null,
  completion_tokens bigint not null,
  cost_micro_usd bigint not null,
  primary key (hour, model, channel, kind, status)
);

-- Log-bucket histograms: bucket = floor(ln(ms) / ln(1.1)); they add up over hours.
create table usage_hour_latency (
  hour timestamptz not null,
  model text not null,
  measure text not null check (measure in ('first_token', 'total')),
  bucket integer not null,
  n integer not null,
  primary key (hour, model, measure, bucket)
);

create table usage_hour_error (
  hour timestamptz not null,
  model text not null,
  code text not null,
  n integer not null,
  last_at timestamptz not null,
  primary key (hour, model, code)
);

-- `person_id` is null for keys that belong to nobody.
create table usage_hour_person (
  hour timestamptz not null,
  person_id uuid,
  model text not null,
  n integer not null,
  tokens bigint not null,
  cost_micro_usd bigint not null,
  unique nulls not distinct (hour, person_id, model)
);

-- Spending of a UTC month, kept exact for the hard stop.
create table budget_month (
  month date primary key,
  spent_micro_usd bigint not null
);
