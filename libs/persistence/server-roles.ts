import pg from 'pg';
import { AppError, describeError } from '#libs/kernel/errors.js';
import type { Queryable } from './migrations.js';

/** The same address with another login. */
export function withLogin(url: string, user: string, password: string): string {
  const changed = new URL(url);
  changed.username = user;
  changed.password = password;
  return changed.toString();
}

/**
 * A connection as the login that may create roles.
 * @param setting what a person calls the address, for the refusal
 * @throws {AppError} start_failed
 */
export async function connectAdmin(adminUrl: string, setting: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (cause) {
    throw new AppError('start_failed', `The database of ${setting} cannot be reached: ${describeError(cause)}.`, {
      field: setting,
      cause,
    });
  }
}

/** Whether a server could not be asked at all, as opposed to one that refused: a login, a database, a right. */
export function isAway(error: unknown): boolean {
  const { cause } = error instanceof AppError ? error : { cause: error };
  const code = cause instanceof pg.DatabaseError ? (cause.code ?? '') : null;
  return cause instanceof Error && (code === null || !/^(28|3D|42)/.test(code));
}

/** @throws {AppError} start_failed where the server is too old or the login may not create roles */
export async function requireServer(client: pg.Client, setting: string): Promise<void> {
  const { rows } = await client.query<{ version: number; may: boolean }>(
    `select current_setting('server_version_num')::int as version, rolcreaterole or rolsuper as may from pg_roles where rolname = current_user`,
  );
  const [server] = rows;
  if (server === undefined || server.version < 160_000)
    throw new AppError('start_failed', `PostgreSQL 16 or newer is needed; this is ${server?.version ?? 'unknown'}.`, {
      field: setting,
    });
  if (!server.may)
    throw new AppError('start_failed', `The login of ${setting} may not create roles.`, {
      field: setting,
      action: 'As a superuser, run: ALTER ROLE <login> CREATEROLE; GRANT CREATE ON DATABASE <database> TO <login>;',
    });
}

/** Makes a login without rights of its own, or gives it its password again. */
export async function makeLogin(client: pg.Client, role: string, password: string): Promise<void> {
  const { rows } = await client.query('select 1 from pg_roles where rolname = $1', [role]);
  const verb = rows.length === 0 ? 'create' : 'alter';
  await client.query(`${verb} role ${role} login noinherit password ${pg.escapeLiteral(password)}`);
}

/** Lets a login of ours into the database of this connection, whether or not everybody else may come in. */
export async function letIn(client: Queryable, role: string): Promise<void> {
  await onDatabase(client, (name) => `grant connect on database ${name} to ${role}`);
}

/**
 * Keeps every login out of this connection's database that is not let in by name; needs its owner, and is a second
 * wall only. The database that tools of others expect to be open stays so.
 */
export async function shutDatabase(client: Queryable): Promise<void> {
  if ((await databaseName(client)) === 'postgres') return;
  await onDatabase(client, (name) => `revoke connect, temporary on database ${name} from public`).catch(
    () => undefined,
  );
}

/**
 * Changes a right on this connection's database. All of them stand in one row, and PostgreSQL refuses the second of
 * two changes at the same time ("tuple concurrently updated"): one after the other, over all processes.
 * @param statement is given the name, quoted where it has to be
 */
export async function onDatabase(client: Queryable, statement: (name: string) => string): Promise<void> {
  const name = await databaseName(client);
  await client.query(`select pg_advisory_lock(hashtextextended('whisper:database', 0))`);
  try {
    await client.query(statement(name));
  } finally {
    await client.query(`select pg_advisory_unlock(hashtextextended('whisper:database', 0))`);
  }
}

async function databaseName(client: Queryable): Promise<string> {
  const { rows } = await client.query('select quote_ident(current_database()) as name');
  const name = rows[0]?.['name'];
  return typeof name === 'string' ? name : '';
}

/** Takes from everybody what would let a tenant's statement leave its role; needs the owner of the function. */
export async function closeDoors(client: pg.Client): Promise<void> {
  for (const statement of [
    'revoke execute on function pg_catalog.set_config(text, text, boolean) from public',
    'revoke create on schema public from public',
  ])
    // A database of somebody else may refuse; then the walls are tried below and the refusal names this statement.
    await client.query(statement).catch(() => undefined);
}
