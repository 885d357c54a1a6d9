-- What the organisation's own directory tells of its people and groups, and the tokens it does so with.
create table scim_token (
  id text primary key check (id ~ '^[a-z0-9]{10}$'),
  name text not null,
  secret_hash bytea not null,
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz
);

create table directory_user (
  person_id uuid primary key references person (id) on delete cascade,
  user_name text not null,
  external_id text,
  attributes jsonb not null,
  is_active boolean not null,
  -- Whether the person's role comes from a group, and goes with it.
  role_by_group boolean not null default false,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  -- Gone from the directory; the person stays, disabled, for what they have written.
  removed_at timestamptz
);
create unique index directory_user_name on directory_user (lower(user_name)) where removed_at is null;
create index directory_user_external on directory_user (external_id) where external_id is not null;

create table directory_group (
  id uuid primary key,
  display_name text not null,
  external_id text,
  role text check (role in ('admin', 'auditor', 'billing', 'member') or role ~ '^role:[0-9a-f-]{36}$'),
  role_id uuid generated always as (case when role like 'role:%' then substr(role, 6)::uuid end) stored
    references custom_role (id),
  created_at timestamptz not null,
  changed_at timestamptz not null
);
create unique index directory_group_name on directory_group (lower(display_name));

create table directory_member (
  group_id uuid not null references directory_group (id) on delete cascade,
  person_id uuid not null references person (id) on delete cascade,
  primary key (group_id, person_id)
);
create index directory_member_person on directory_member (person_id);
