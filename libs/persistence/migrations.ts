import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '#libs/kernel/errors.js';

/** One step of a schema: the file `NNNN_name.sql`. Steps only add; a step that was released is never edited. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** What runs statements: a client of pg inside or outside a transaction. */
export interface Queryable {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>;
}

/** Which steps a schema has; the truth about it. */
export const versionTable =
  'create table if not exists schema_version (version integer primary key, name text not null, at timestamptz not null default now())';

/** The steps of a folder, in order. */
export async function readMigrations(folder: string): Promise<readonly Migration[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    files.map(async (file, index) => {
      const [number = '', name = ''] = file.replace(/\.sql$/, '').split(/_(.*)/s);
      if (Number(number) !== index + 1)
        throw new AppError('start_failed', `Migration ${file} should have number ${index + 1}.`);
      return { version: index + 1, name, sql: await readFile(join(folder, file), 'utf8') };
    }),
  );
}

/**
 * Brings the schema of the current search path up to date, each step in a transaction with its own row in
 * `schema_version`. Safe to run again and at the same time: an advisory lock on `schema` lets one pass.
 * @returns the version it stands at
 */
export async function migrate(client: Queryable, schema: string, migrations: readonly Migration[]): Promise<number> {
  await client.query(versionTable);
  let version = 0;
  for (const migration of migrations) {
    await client.query('begin');
    try {
      await client.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`whisper:migrate:${schema}`]);
      const { rows } = await client.query('select 1 from schema_version where version = $1', [migration.version]);
      if (rows.length === 0) {
        await client.query(migration.sql);
        await client.query('insert into schema_version (version, name) values ($1, $2)', [
          migration.version,
          migration.name,
        ]);
      }
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      throw error;
    }
    version = migration.version;
  }
  return version;
}
