import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type ExportedTable, type ExportReport, TenantExporter } from '#libs/governance/ports/tenant-exporter.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError, describeError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { TenantRow } from '../control-rows.js';
import type { ShardServers } from '../shard-servers.js';
import { findTenant, withTenantLock } from '../tenant-rows.js';
import { failed, measureFile, syncPath, tableFile, verifySnapshot, writeManifest } from './snapshot-files.js';

/** How long an export waits for units of work that still write, in ms. */
const lockWaitMs = 20_000;

interface Table {
  readonly name: string;
  readonly columns: readonly string[];
}

/** Exports by COPY over one connection, in one transaction that sees one moment. */
export class PostgresTenantExporter extends TenantExporter {
  constructor(
    private readonly pool: pg.Pool,
    private readonly servers: ShardServers,
    private readonly clock: Clock,
  ) {
    super();
  }

  override async export(tenant: TenantId, root: string): Promise<ExportReport> {
    const known = await findTenant(this.pool, { id: tenant });
    if (known === null) throw new AppError('not_found', 'This organisation is not here.');
    return withTenantLock(this.pool, known.slug, async (client) => {
      const row = (await findTenant(client, { id: tenant })) ?? known;
      const folder = join(root, `${row.slug}-${row.id}`);
      const before = await verifySnapshot(folder).catch(() => null);
      if (before?.tenant.epoch === row.epoch && row.state === 'erasing') return before;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      return this.servers.with(row.shard_id, (shard) => this.write(shard, row, folder));
    });
  }

  override verify(folder: string): Promise<ExportReport> {
    return verifySnapshot(folder);
  }

  private async write(shard: pg.PoolClient, row: TenantRow, folder: string): Promise<ExportReport> {
    const schema = pg.escapeIdentifier(row.schema_name);
    await shard.query('begin isolation level repeatable read');
    try {
      await shard.query(`set local lock_timeout to ${lockWaitMs}`);
      const names = (await tablesOf(shard, row.schema_name)).map(
        ({ name }) => `${schema}.${pg.escapeIdentifier(name)}`,
      );
      // Before the first look at the data: what is being written ends first, and nothing new begins.
      if (names.length > 0) await shard.query(`lock table ${names.join(', ')} in share mode`);
      const tables = await tablesOf(shard, row.schema_name);
      const { rows } = await shard.query<{ version: number | null }>(
        `select max(version)::int as version from ${schema}.schema_version`,
      );
      const exported: ExportedTable[] = [];
      for (const table of tables) exported.push(await copyTable(shard, schema, table, folder));
      const { id, slug, epoch } = row;
      const takenAt = this.clock.now().toISOString();
      await writeManifest({
        folder,
        tenant: { id, slug, epoch },
        schemaVersion: rows[0]?.version ?? 0,
        takenAt,
        tables: exported,
      });
      await shard.query('commit');
    } catch (error) {
      await shard.query('rollback').catch(() => undefined);
      throw error instanceof AppError ? error : failed(describeError(error), error);
    }
    return verifySnapshot(folder);
  }
}

/** Every table of the schema, from the catalogue: a table that a later migration adds is exported like the others. */
async function tablesOf(client: pg.PoolClient, schema: string): Promise<readonly Table[]> {
  const { rows } = await client.query<{ name: string; columns: string[] }>(
    `select c.relname as name,
       array(select a.attname::text from pg_attribute a where a.attrelid = c.oid and a.attnum > 0
         and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relkind in ('r', 'p') order by c.relname`,
    [schema],
  );
  return rows;
}

async function copyTable(
  client: pg.PoolClient,
  schema: string,
  { name, columns }: Table,
  folder: string,
): Promise<ExportedTable> {
  const path = tableFile(folder, name);
  const list = columns.map((column) => pg.escapeIdentifier(column)).join(', ');
  const rowsOf = client.query(copyTo(`copy (select ${list} from ${schema}.${pg.escapeIdentifier(name)}) to stdout`));
  await pipeline(rowsOf, createWriteStream(path, { mode: 0o600 }));
  await syncPath(path);
  const written = await measureFile(path);
  if (written.rows !== rowsOf.rowCount)
    throw failed(`${path} has ${written.rows} rows of ${String(rowsOf.rowCount)} that the database sent`);
  return { name, columns, ...written };
}
