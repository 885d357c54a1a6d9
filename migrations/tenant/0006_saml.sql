-- SAML: the tenant's own keys towards its provider, and who was signed in when a sign-in set out.
create table saml_key (
  position integer primary key,
  certificate text not null,
  sealed_private_key text not null,
  created_at timestamptz not null
);

alter table sso_request add column session_id uuid;
