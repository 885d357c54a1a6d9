-- Conversations are trees of messages; an answer is written by a generation, whose events are logged while it runs.
create table conversation (
  id uuid primary key,
  person_id uuid not null references person (id) on delete cascade,
  title text not null,
  titled_by text not null default 'auto' check (titled_by in ('auto', 'person')),
  pinned boolean not null default false,
  model text,
  active_leaf_id uuid,
  event_seq integer not null default 0,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);
create index conversation_list on conversation (person_id, pinned desc, updated_at desc, id desc) where deleted_at is null;

create table message (
  id uuid primary key,
  conversation_id uuid not null references conversation (id) on delete cascade,
  parent_id uuid references message (id) on delete cascade,
  role text not null check (role in ('user', 'assistant')),
  text text not null,
  created_at timestamptz not null
);
create index message_conversation on message (conversation_id, created_at, id);

create table generation (
  id uuid primary key,
  conversation_id uuid not null references conversation (id) on delete cascade,
  message_id uuid not null references message (id) on delete cascade,
  client_id uuid not null unique,
  user_message_id uuid,
  person_id uuid not null,
  status text not null check (status in ('running', 'complete', 'stopped', 'interrupted', 'failed')),
  epoch integer not null default 0,
  seq integer not null default 0,
  owner text not null,
  heartbeat_at timestamptz not null,
  stop_requested_at timestamptz,
  model text not null,
  demo boolean not null default false,
  notices jsonb not null default '[]',
  finish_reason text,
  usage jsonb,
  error jsonb,
  first_token_ms integer,
  started_at timestamptz not null,
  ended_at timestamptz
);
create index generation_message on generation (message_id, started_at desc);
create index generation_running on generation (heartbeat_at) where status = 'running';
create index generation_ended on generation (ended_at) where ended_at is not null;

create table generation_event (
  generation_id uuid not null references generation (id) on delete cascade,
  epoch integer not null,
  from_seq integer not null,
  to_seq integer not null,
  events jsonb not null,
  primary key (generation_id, epoch, from_seq)
);

create table conversation_event (
  conversation_id uuid not null references conversation (id) on delete cascade,
  seq integer not null,
  event jsonb not null,
  at timestamptz not null,
  primary key (conversation_id, seq)
);

create table feedback (
  message_id uuid primary key references message (id) on delete cascade,
  person_id uuid not null,
  rating text not null check (rating in ('up', 'down')),
  comment text,
  at timestamptz not null
);
