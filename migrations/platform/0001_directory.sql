-- The control database: which tenants there are and where they live.
create table shard (
  id text primary key,
  region text not null,
  state text not null check (state in ('active', 'cordoned'))
);

create table tenant (
  id uuid primary key,
  slug text not null unique,
  schema_name text not null unique check (schema_name ~ '^t_[a-z0-9]{16}$'),
  role_name text not null unique check (role_name ~ '^t_[a-z0-9]{16}$'),
  shard_id text not null references shard (id),
  state text not null check (state in ('provisioning', 'active', 'suspended', 'erasing')),
  epoch integer not null default 1,
  revision text not null,
  manifest jsonb not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table host_alias (
  host text primary key,
  tenant_id uuid not null references tenant (id) on delete cascade,
  position integer not null
);
create index host_alias_tenant on host_alias (tenant_id);

create table backend (
  name text primary key,
  revision text not null,
  manifest jsonb not null,
  updated_at timestamptz not null default now()
);

-- A report of what the runner did; the truth is schema_version in each tenant's schema.
create table migration_ledger (
  tenant_id uuid not null references tenant (id) on delete cascade,
  version integer not null,
  state text not null check (state in ('done', 'failed')),
  attempts integer not null default 1,
  error text,
  took_ms integer not null,
  at timestamptz not null default now(),
  primary key (tenant_id, version)
);
