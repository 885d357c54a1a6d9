-- People, how they sign in, and what they may do.
create table setting (
  key text primary key,
  value jsonb not null,
  changed_by text not null,
  changed_at timestamptz not null default now()
);

create table person (
  id uuid primary key,
  email text not null unique check (email = lower(email)),
  name text not null,
  role text not null check (role in ('owner', 'admin', 'auditor', 'billing', 'member')),
  state text not null default 'active' check (state in ('active', 'disabled')),
  password_hash text,
  created_at timestamptz not null,
  last_seen_at timestamptz
);

-- A person is linked to an identity provider by its connection and subject, never by e-mail alone.
create table identity_link (
  connection text not null,
  subject text not null,
  person_id uuid not null references person (id) on delete cascade,
  created_at timestamptz not null,
  primary key (connection, subject)
);
create index identity_link_person on identity_link (person_id);

create table one_time_link (
  id uuid primary key,
  token_hash bytea not null unique,
  purpose text not null check (purpose in ('owner', 'invite', 'reset', 'handover')),
  email text not null,
  role text,
  person_id uuid references person (id) on delete cascade,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz
);
create index one_time_link_created on one_time_link (created_at desc, id desc);

create table session (
  id uuid primary key,
  token_hash bytea not null unique,
  person_id uuid not null references person (id) on delete cascade,
  face text not null check (face in ('chat', 'admin')),
  method text not null check (method in ('link', 'password', 'oidc', 'handover')),
  device text not null,
  address text not null,
  created_at timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at timestamptz not null,
  revoked_at timestamptz
);
create index session_person on session (person_id, created_at desc);

create table sso_request (
  state_hash bytea primary key,
  browser_hash bytea not null,
  nonce text not null,
  code_verifier text not null,
  return_to text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table sign_in_attempt (
  key text not null,
  window_start timestamptz not null,
  failures integer not null,
  primary key (key, window_start)
);

create table api_key (
  id text primary key check (id ~ '^[a-z0-9]{10}$'),
  name text not null,
  secret_hash bytea not null,
  scopes text[] not null,
  person_id uuid references person (id) on delete cascade,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index api_key_created on api_key (created_at desc, id desc);

create table audit_event (
  id uuid primary key,
  at timestamptz not null,
  actor_kind text not null check (actor_kind in ('person', 'key', 'system')),
  actor_id text,
  actor_name text not null,
  action text not null,
  target text,
  outcome text not null check (outcome in ('success', 'refused')),
  reason text,
  address text,
  request_id text
);
create index audit_event_at on audit_event (at desc, id desc);
