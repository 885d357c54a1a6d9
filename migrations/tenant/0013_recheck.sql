-- What the identity provider is asked again with while somebody is signed in (sealed), when it last said yes,
-- and when it was last asked. All null for sessions of the version before, which end when they are next looked at.
alter table session add column sso_refresh text;
alter table session add column sso_checked_at timestamptz;
alter table session add column sso_asked_at timestamptz;
create index session_recheck on session (coalesce(sso_checked_at, created_at)) where sso_connection is not null;
