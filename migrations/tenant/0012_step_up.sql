-- When a person last proved who they are, and what a proof that was asked for anew belongs to.
-- The default is for replicas of the version before, which do not know the column.
alter table session add column authenticated_at timestamptz not null default now();
update session set authenticated_at = created_at;

-- The session that a hand-over to the admin pages comes from.
alter table one_time_link add column session_id uuid references session (id) on delete cascade;

-- A sign-in that a signed-in person was sent to, to prove who they are.
alter table sso_request add column is_fresh boolean not null default false;
