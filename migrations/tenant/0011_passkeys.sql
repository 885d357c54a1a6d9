-- Passkeys: WebAuthn credentials of people who sign in here, each bound to the host it was made at.
create table passkey (
  id text primary key,
  person_id uuid not null references person (id) on delete cascade,
  host text not null,
  name text not null,
  public_key bytea not null,
  counter bigint not null,
  transports text[] not null,
  is_synced boolean not null,
  created_at timestamptz not null,
  last_used_at timestamptz
);
create index passkey_person on passkey (person_id, created_at);

alter table session drop constraint session_method_check;
alter table session
  add constraint session_method_check check (method in ('link', 'password', 'passkey', 'oidc', 'saml', 'handover'));
