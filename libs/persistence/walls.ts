import pg from 'pg';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { makeTenantSchema, type TenantPlace } from './tenant-schema.js';

/** Two empty tenants of the installation, there only to be looked at from each other. */
function probe(installation: string, side: 'l' | 'r'): TenantPlace {
  const name = `t_${installation}probe00${side}`;
  return { schema: name, role: name };
}

interface Wall {
  readonly attempt: string;
  readonly statements: readonly string[];
  /** What a database administrator must run if this wall gives way. */
  readonly mend: string;
}

function as(place: TenantPlace): string {
  return `set local role ${place.role}`;
}

function walls(left: TenantPlace, right: TenantPlace, directory: string | null): readonly Wall[] {
  return [
    {
      attempt: 'read a tenant without its role',
      statements: [`select * from ${left.schema}.schema_version`],
      mend: `REVOKE ALL ON SCHEMA ${left.schema} FROM PUBLIC;`,
    },
    {
      attempt: 'read another tenant',
      statements: [as(left), `select * from ${right.schema}.schema_version`],
      mend: `REVOKE ALL ON SCHEMA ${right.schema} FROM PUBLIC;`,
    },
    {
      attempt: 'change role by set_config',
      statements: [
        as(left),
        `select set_config('role', '${right.role}', true)`,
        `select * from ${right.schema}.schema_version`,
      ],
      mend: 'REVOKE EXECUTE ON FUNCTION pg_catalog.set_config(text, text, boolean) FROM PUBLIC;',
    },
    {
      attempt: 'create a table in public',
      statements: [as(left), 'create table public.whisper_wall (x int)'],
      mend: 'REVOKE CREATE ON SCHEMA public FROM PUBLIC;',
    },
    ...(directory === null ? [] : directoryWalls(left, directory)),
    {
      attempt: 'change the schema version as a tenant',
      statements: [as(left), `delete from ${left.schema}.schema_version`],
      mend: `REVOKE DELETE ON ${left.schema}.schema_version FROM ${left.role};`,
    },
  ];
}

function directoryWalls(left: TenantPlace, directory: string): readonly Wall[] {
  return [
    {
      attempt: 'read the directory as a tenant',
      statements: [as(left), `select * from ${directory}.tenant`],
      mend: `REVOKE ALL ON SCHEMA ${directory} FROM PUBLIC;`,
    },
    {
      attempt: 'change the directory as an app',
      statements: [`update ${directory}.tenant set epoch = epoch`],
      mend: `REVOKE UPDATE ON ${directory}.tenant FROM PUBLIC;`,
    },
  ];
}

/** Whether the attempt went through. */
async function cross(client: pg.Client, wall: Wall): Promise<boolean> {
  await client.query('begin');
  try {
    for (const statement of wall.statements) await client.query(statement);
    return true;
  } catch (error) {
    // 42501 is "permission denied"; anything else is a wall we could not try.
    if ((error as { code?: string }).code !== '42501')
      throw new AppError('start_failed', `The wall "${wall.attempt}" could not be tried: ${describeError(error)}`, {
        cause: error,
      });
    return false;
  } finally {
    await client.query('rollback');
  }
}

interface WalledDatabase {
  readonly id: string;
  readonly appUrl: string;
  readonly appRole: string;
  /** What a person calls the database's address. */
  readonly setting: string;
  /** Schema of the directory, where it is in this database. */
  readonly directory?: string;
}

/**
 * Tries to cross every wall between tenants as the apps' own login.
 * @throws {AppError} start_failed naming each wall that gave way and the SQL that mends it
 */
export async function proveWalls(admin: pg.Client, installation: WalledDatabase): Promise<void> {
  const left = probe(installation.id, 'l');
  const right = probe(installation.id, 'r');
  for (const place of [left, right]) await makeTenantSchema(admin, place, installation.appRole, []);
  if (installation.directory !== undefined) await admin.query(`set search_path to ${installation.directory}`);
  const client = new pg.Client({ connectionString: installation.appUrl, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const open: Wall[] = [];
    for (const wall of walls(left, right, installation.directory ?? null))
      if (await cross(client, wall)) open.push(wall);
    if (open.length === 0) return;
    throw new AppError(
      'start_failed',
      `This database does not keep tenants apart: an app could ${open.map((wall) => wall.attempt).join('; ')}.`,
      {
        field: installation.setting,
        action: `As a superuser, run: ${open.map((wall) => wall.mend).join(' ')}`,
      },
    );
  } finally {
    await client.end();
  }
}
