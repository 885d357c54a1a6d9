import pg from 'pg';
import { AppError } from '#libs/kernel/errors.js';
import { type Migration, migrate, type Queryable, versionTable } from './migrations.js';
import { onDatabase } from './server-roles.js';

/** Names of a tenant's schema and role: opaque, since every role can list the names of all schemas. */
export interface TenantPlace {
  readonly schema: string;
  readonly role: string;
}

const opaque = /^t_[a-z0-9]{16}$/;

/**
 * Makes a tenant's schema and role, gives the role its rights on that schema and nothing else, and brings the
 * schema up to date. Safe to run again: a new one is made at once or not at all.
 * @returns the version of the schema
 */
export async function makeTenantSchema(
  client: Queryable,
  place: TenantPlace,
  appRole: string,
  migrations: readonly Migration[],
): Promise<number> {
  const { schema, role } = place;
  if (!opaque.test(schema) || !opaque.test(role)) throw new AppError('internal', 'A tenant has no proper schema.');
  const { rows } = await client.query(
    'select exists (select from pg_roles where rolname = $1) as role, exists (select from pg_namespace where nspname = $2) as schema',
    [role, schema],
  );
  const there = { role: rows[0]?.['role'] === true, schema: rows[0]?.['schema'] === true };
  const openings = [...(there.role ? [] : [`create role ${role} nologin noinherit`]), ...rightsBefore(place)];
  const closings = rightsAfter(role, appRole, migrations.length > 0);
  if (!there.schema) {
    // One message and one transaction takes two thirds of the time of statements and transactions one by one.
    await client.query(`begin; ${[...openings, ...firstSteps(schema, migrations), ...closings].join('; ')}; commit`);
    return migrations.length;
  }
  for (const statement of openings) await client.query(statement);
  await client.query(`set search_path to ${schema}`);
  try {
    const version = await migrate(client, schema, migrations);
    for (const statement of closings) await client.query(statement);
    return version;
  } finally {
    await client.query('reset search_path');
  }
}

function rightsBefore({ schema, role }: TenantPlace): readonly string[] {
  return [
    `create schema if not exists ${schema}`,
    `revoke all on schema ${schema} from public`,
    `grant usage on schema ${schema} to ${role}`,
    `alter default privileges in schema ${schema} grant select, insert, update, delete on tables to ${role}`,
  ];
}

/** The audit log only grows, and what says how the schema is served is ours: no statement of the apps changes a row. */
function rightsAfter(role: string, appRole: string, hasTables: boolean): readonly string[] {
  const tables = [
    `revoke update, delete on audit_event from ${role}`,
    `revoke insert, update, delete on tenancy from ${role}`,
  ];
  return [
    `revoke insert, update, delete on schema_version from ${role}`,
    ...(hasTables ? tables : []),
    `grant ${role} to ${appRole} with inherit false, set true`,
  ];
}

/** Every step of an empty schema, with its row in `schema_version`. */
function firstSteps(schema: string, migrations: readonly Migration[]): readonly string[] {
  return [
    `set local search_path to ${schema}`,
    versionTable,
    ...migrations.flatMap(({ version, name, sql }) => [
      sql,
      `insert into schema_version (version, name) values (${version}, ${pg.escapeLiteral(name)})`,
    ]),
  ];
}

/**
 * Says under which epoch the schema is served from now on; units of work that name another one are refused.
 * Only the login that made the schema can do so.
 */
export async function writeEpoch(client: Queryable, { schema }: TenantPlace, epoch: number): Promise<void> {
  if (!opaque.test(schema)) throw new AppError('internal', 'A tenant has no proper schema.');
  await client.query(
    `insert into ${schema}.tenancy (epoch) values ($1)
     on conflict (id) do update set epoch = excluded.epoch where tenancy.epoch <> excluded.epoch`,
    [epoch],
  );
}

/** How long a drop waits for a unit of work that still runs, in ms; the longest statement may take 15 s. */
const dropWaitMs = 20_000;

/** Drops a tenant's schema and role with all that is in it. Cannot be undone; safe to run again. */
export async function dropTenantSchema(client: Queryable, place: TenantPlace): Promise<void> {
  const { schema, role } = place;
  if (!opaque.test(schema) || !opaque.test(role)) throw new AppError('internal', 'A tenant has no proper schema.');
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  if (rows.length > 0) await closeRole(client, role);
  await client.query(`set lock_timeout to ${dropWaitMs}`);
  try {
    await client.query(`drop schema if exists ${schema} cascade`);
    if (rows.length > 0) {
      await onDatabase(client, (name) => `revoke all on database ${name} from ${role}`);
      await client.query(`drop role ${role}`);
    }
  } finally {
    await client.query('reset lock_timeout');
  }
}

/** No new connection as the role, and the end of those that are open. */
export async function closeRole(client: Queryable, role: string): Promise<void> {
  await client.query(`alter role ${role} nologin password null`);
  // Needs a right that not every administrator's login has; without it the connections end by themselves.
  await client
    .query('select pg_terminate_backend(pid) from pg_stat_activity where usename = $1', [role])
    .catch(() => undefined);
}
