import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { type Migration, migrate } from './migrations.js';
import { proveWalls } from './walls.js';

/** Schema of the control database, and that of the job queue. */
export const controlSchema = 'whisper_control';
export const jobsSchema = 'whisper_jobs';

/** What an installation of ours in a database is called, and how its processes log in. */
export interface Installation {
  readonly id: string;
  /** Login of the apps: no rights of its own beyond reading the directory. */
  readonly appUrl: string;
  readonly appRole: string;
  /** Login of the job queue: its own schema only. */
  readonly jobsUrl: string;
  readonly jobsRole: string;
}

interface Preparation {
  /** Login that may create roles and schemas. */
  readonly adminUrl: string;
  readonly migrations: readonly Migration[];
  /** A password that is always the same for the same purpose. */
  readonly passwordFor: (purpose: string) => string;
}

function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.toString();
}

async function requireServer(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ version: number; may: boolean }>(
    `select current_setting('server_version_num')::int as version, rolcreaterole or rolsuper as may from pg_roles where rolname = current_user`,
  );
  const [server] = rows;
  if (server === undefined || server.version < 160_000)
    throw new AppError('start_failed', `PostgreSQL 16 or newer is needed; this is ${server?.version ?? 'unknown'}.`, {
      field: 'DATABASE_URL',
    });
  if (!server.may)
    throw new AppError('start_failed', 'The login of DATABASE_URL may not create roles.', {
      field: 'DATABASE_URL',
      action: 'As a superuser, run: ALTER ROLE <login> CREATEROLE; GRANT CREATE ON DATABASE <database> TO <login>;',
    });
}

async function installationId(client: pg.Client): Promise<string> {
  await client.query('create table if not exists installation (id text primary key)');
  await client.query('insert into installation (id) select $1 where not exists (select 1 from installation)', [
    randomBytes(4).toString('hex'),
  ]);
  const { rows } = await client.query<{ id: string }>('select id from installation');
  const id = rows[0]?.id ?? '';
  if (!/^[0-9a-f]{8}$/.test(id))
    throw new AppError('start_failed', 'The installation id in the control database is damaged.');
  return id;
}

async function login(client: pg.Client, role: string, password: string): Promise<void> {
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = rows.length === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} login noinherit password ${pg.escapeLiteral(password)}`);
}

/** Takes from everybody what would let a tenant's statement leave its role; needs the owner of the function. */
async function closeDoors(client: pg.Client): Promise<void> {
  for (const statement of [
    'revoke execute on function pg_catalog.set_config(text, text, boolean) from public',
    'revoke create on schema public from public',
  ])
    // A database of somebody else may refuse; then the walls are tried below and the refusal names this statement.
    await client.query(statement).catch(() => undefined);
}

/**
 * Makes an installation in a database, or finds it: control schema, logins, closed doors; then tries to cross
 * every wall and refuses to go on if one gives way. Safe to run again and by several processes at once.
 * @throws {AppError} start_failed with the SQL that a database administrator must run
 */
export async function prepareInstallation(preparation: Preparation): Promise<Installation> {
  const client = new pg.Client({ connectionString: preparation.adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
  } catch (cause) {
    throw new AppError('start_failed', `The database of DATABASE_URL cannot be reached: ${describeError(cause)}.`, {
      field: 'DATABASE_URL',
      cause,
    });
  }
  try {
    await requireServer(client);
    await client.query(`select pg_advisory_lock(hashtextextended('whisper:install', 0))`);
    await client.query(`create schema if not exists ${controlSchema}`);
    await client.query(`set search_path to ${controlSchema}`);
    const id = await installationId(client);
    await migrate(client, controlSchema, preparation.migrations);
    const installation = await logins(client, id, preparation);
    await closeDoors(client);
    await proveWalls(client, installation);
    await client.query(
      `insert into shard (id, region, state) values ('main', 'local', 'active') on conflict do nothing`,
    );
    return installation;
  } finally {
    await client.end();
  }
}

async function logins(client: pg.Client, id: string, preparation: Preparation): Promise<Installation> {
  const appRole = `whisper_${id}_app`;
  const jobsRole = `whisper_${id}_jobs`;
  const appPassword = preparation.passwordFor(appRole);
  const jobsPassword = preparation.passwordFor(jobsRole);
  await login(client, appRole, appPassword);
  await login(client, jobsRole, jobsPassword);
  await client.query(`grant usage on schema ${controlSchema} to ${appRole}`);
  await client.query(`grant select on tenant, host_alias, shard, backend to ${appRole}`);
  await client.query(`grant ${jobsRole} to current_user with set true`);
  await client.query(`create schema if not exists ${jobsSchema} authorization ${jobsRole}`);
  return {
    id,
    appRole,
    appUrl: withLogin(preparation.adminUrl, appRole, appPassword),
    jobsRole,
    jobsUrl: withLogin(preparation.adminUrl, jobsRole, jobsPassword),
  };
}

/**
 * Lets a login create objects of its own for as long as `work` takes. BullMQ's migrations ask for their schema
 * even where it is there, which takes a right on the database that the job queue does not need afterwards.
 */
export async function withCreateRight(adminUrl: string, role: string, work: () => Promise<void>): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const { rows } = await client.query<{ name: string }>('select quote_ident(current_database()) as name');
    const database = rows[0]?.name ?? '';
    await client.query(`select pg_advisory_lock(hashtextextended('whisper:jobs', 0))`);
    await client.query(`grant create on database ${database} to ${role}`);
    try {
      await work();
    } finally {
      await client.query(`revoke create on database ${database} from ${role}`);
    }
  } finally {
    await client.end();
  }
}
