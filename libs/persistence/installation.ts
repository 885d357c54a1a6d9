import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { AppError } from '#libs/kernel/errors.js';
import { type Migration, migrate } from './migrations.js';
import {
  closeDoors,
  connectAdmin,
  onDatabase,
  letIn,
  makeLogin,
  requireServer,
  shutDatabase,
  withLogin,
} from './server-roles.js';
import { proveWalls } from './walls.js';

/** Schema of the control database, and that of the job queue. */
export const controlSchema = 'whisper_control';
export const jobsSchema = 'whisper_jobs';
/** The shard that is the control database itself, on one machine. */
export const mainShard = 'main';

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
  /** Whether tenants live in this database, too: on one machine they do. */
  readonly isShardToo: boolean;
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

/**
 * Makes an installation in a database, or finds it: control schema, logins, closed doors; then tries to cross
 * every wall and refuses to go on if one gives way. Safe to run again and by several processes at once.
 * @throws {AppError} start_failed with the SQL that a database administrator must run
 */
export async function prepareInstallation(preparation: Preparation): Promise<Installation> {
  const client = await connectAdmin(preparation.adminUrl, 'DATABASE_URL');
  try {
    await requireServer(client, 'DATABASE_URL');
    await client.query(`select pg_advisory_lock(hashtextextended('whisper:install', 0))`);
    await client.query(`create schema if not exists ${controlSchema}`);
    await client.query(`set search_path to ${controlSchema}`);
    const id = await installationId(client);
    await migrate(client, controlSchema, preparation.migrations);
    const installation = await logins(client, id, preparation);
    await closeDoors(client);
    if (!preparation.isShardToo) await shutDatabase(client);
    await proveWalls(client, { ...installation, setting: 'DATABASE_URL', directory: controlSchema });
    if (preparation.isShardToo)
      await client.query(
        `insert into shard (id, region, state) values ('${mainShard}', 'local', 'active') on conflict do nothing`,
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
  await makeLogin(client, appRole, appPassword);
  await makeLogin(client, jobsRole, jobsPassword);
  for (const role of [appRole, jobsRole]) await letIn(client, role);
  await client.query(`grant usage on schema ${controlSchema} to ${appRole}`);
  await client.query(`grant select on tenant, host_alias, shard, backend, installation to ${appRole}`);
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
    await client.query(`select pg_advisory_lock(hashtextextended('whisper:jobs', 0))`);
    await onDatabase(client, (name) => `grant create on database ${name} to ${role}`);
    try {
      await work();
    } finally {
      await onDatabase(client, (name) => `revoke create on database ${name} from ${role}`);
    }
  } finally {
    await client.end();
  }
}
