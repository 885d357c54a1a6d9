-- Connections to identity providers: what a sign-in under way has to match, tests, and what may be used once.
drop table sso_request;
create table sso_request (
  state_hash bytea primary key,
  browser_hash bytea not null,
  checks jsonb not null,
  return_to text not null,
  test_id uuid,
  created_at timestamptz not null,
  expires_at timestamptz not null
);

create table sso_test (
  id uuid primary key,
  ticket_hash bytea unique,
  profile jsonb not null,
  created_by text not null,
  created_at timestamptz not null,
  begins_before timestamptz not null,
  expires_at timestamptz not null,
  outcome jsonb
);

create table replay (
  id_hash bytea primary key,
  expires_at timestamptz not null
);
create index replay_expires on replay (expires_at);

alter table session drop constraint session_method_check;
alter table session
  add constraint session_method_check check (method in ('link', 'password', 'oidc', 'saml', 'handover')),
  add column sso_connection text,
  add column sso_subject text,
  add column sso_session text,
  add column sso_hint text;
create index session_sso on session (sso_connection, sso_subject) where sso_connection is not null;
