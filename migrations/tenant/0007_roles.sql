-- Roles that an organisation has made itself. Everywhere a role is named, `role:<id>` is one of these.
create table custom_role (
  id uuid primary key,
  name text not null,
  description text not null,
  rules jsonb not null,
  version integer not null,
  created_at timestamptz not null,
  changed_at timestamptz not null,
  changed_by text not null
);
create unique index custom_role_name on custom_role (lower(name));

-- The reference keeps a role that somebody has from being deleted.
alter table person drop constraint person_role_check;
alter table person
  add constraint person_role_check
    check (role in ('owner', 'admin', 'auditor', 'billing', 'member') or role ~ '^role:[0-9a-f-]{36}$'),
  add column role_id uuid generated always as (case when role like 'role:%' then substr(role, 6)::uuid end) stored
    references custom_role (id);
create index person_role_id on person (role_id) where role_id is not null;
