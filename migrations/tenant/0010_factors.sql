-- Second factors, what a session was opened with, and sign-ins that wait for their second step.
alter table session add column proofs text[] not null default '{}';

-- Written once a first code has proven that the person's app has the secret.
create table totp_factor (
  person_id uuid primary key references person (id) on delete cascade,
  sealed_secret text not null,
  created_at timestamptz not null,
  last_step bigint not null
);

create table recovery_code (
  person_id uuid not null references person (id) on delete cascade,
  code_hash bytea not null,
  created_at timestamptz not null,
  used_at timestamptz,
  primary key (person_id, code_hash)
);

create table sign_in_ticket (
  token_hash bytea primary key,
  person_id uuid not null references person (id) on delete cascade,
  purpose text not null check (purpose in ('second-factor', 'enrol')),
  method text not null,
  proofs text[] not null,
  password_mark bytea not null,
  failures integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null
);
create index sign_in_ticket_person on sign_in_ticket (person_id);
