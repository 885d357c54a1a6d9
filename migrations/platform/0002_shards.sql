-- Several database servers: what each of them takes, which workloads serve a tenant, and its own login.
alter table shard add column capacity integer check (capacity > 0);
alter table shard add column weight integer not null default 100 check (weight between 0 and 1000);

alter table tenant add column isolation text not null default 'dedicated' check (isolation in ('dedicated', 'pooled'));
-- Which password the tenant's own login has; null: there is no such login.
alter table tenant add column login_generation integer;
create index tenant_shard on tenant (shard_id);
