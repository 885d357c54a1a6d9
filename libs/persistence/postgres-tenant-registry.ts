import { randomBytes } from 'node:crypto';
import type pg from 'pg';
import { AppError, describeError } from '#libs/kernel/errors.js';
import type { Ids, TenantId } from '#libs/kernel/ids.js';
import type { Tenant, TenantState } from '#libs/tenancy/domain/tenant.js';
import {
  type BackendDescription,
  type TenantDescription,
  TenantRegistry,
} from '#libs/tenancy/ports/tenant-registry.js';
import { directoryChannel, fromTenantRow, selectTenants, type TenantRow } from './control-rows.js';
import { isDuplicate } from './database-errors.js';
import { findPlace } from './find-place.js';
import type { Migration } from './migrations.js';
import type { ShardServers } from './shard-servers.js';
import { findTenant, withTenantLock } from './tenant-rows.js';
import { dropTenantSchema, makeTenantSchema, writeEpoch } from './tenant-schema.js';

function opaqueName(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return `t_${[...randomBytes(16)].map((byte) => letters[byte % letters.length]).join('')}`;
}

const placeOf = (row: TenantRow) => ({ schema: row.schema_name, role: row.role_name });

interface RegistryParts {
  /** Writes the control database. */
  readonly pool: pg.Pool;
  readonly servers: ShardServers;
  readonly appRole: string;
  readonly migrations: readonly Migration[];
  readonly ids: Ids;
}

/**
 * The directory's writer, with the logins that may create roles and schemas. A raised epoch is written to the
 * directory last when a tenant is opened and first when it is shut; a crash between the two is mended by the next run.
 */
export class PostgresTenantRegistry extends TenantRegistry {
  constructor(private readonly parts: RegistryParts) {
    super();
  }

  override apply(description: TenantDescription): Promise<Tenant> {
    return withTenantLock(this.parts.pool, description.slug, async (client) => {
      const known = await findTenant(client, description);
      const row = known ?? (await this.claim(client, description));
      if (row.state === 'erasing')
        throw new AppError('conflict', `The tenant "${row.slug}" is being erased.`, {
          field: 'metadata.name',
          action: 'Wait for the erasure to end, or run it again; then apply the manifest again.',
        });
      if (await this.isInLine(client, row, description)) return fromTenantRow(row);
      const state = description.suspended ? 'suspended' : 'active';
      const epoch = row.state === state || row.state === 'provisioning' ? row.epoch : row.epoch + 1;
      try {
        await this.makeSchema(client, row, epoch);
      } catch (error) {
        if (known === null) await this.giveUpPlace(client, row, error);
        throw error;
      }
      return this.publish(client, { ...row, state, epoch }, description);
    });
  }

  /** A tenant whose shard went away before anything was made there finds another place at the next try. */
  private async giveUpPlace(client: pg.PoolClient, row: TenantRow, error: unknown): Promise<void> {
    if (error instanceof AppError && error.code === 'shard_unavailable')
      await client.query('delete from whisper_control.tenant where id = $1', [row.id]);
  }

  /**
   * Whether there is nothing to do, so that nobody is told of a change. A shut tenant is never taken for being in
   * line: a crash may have left its schema open.
   */
  private async isInLine(client: pg.PoolClient, row: TenantRow, description: TenantDescription): Promise<boolean> {
    const { revision, hosts, suspended, isolation } = description;
    if (suspended || row.state !== 'active' || row.revision !== revision) return false;
    if (row.isolation !== (isolation ?? 'dedicated') || (row.hosts ?? []).join() !== hosts.join()) return false;
    const { rows } = await client.query(
      `select from whisper_control.migration_ledger where tenant_id = $1 and version = $2 and state = 'done'`,
      [row.id, this.parts.migrations.length],
    );
    return rows.length > 0;
  }

  private async claim(client: pg.PoolClient, description: TenantDescription): Promise<TenantRow> {
    const { slug, profile, isolation, placement } = description;
    const { ids, servers } = this.parts;
    await inTransaction(client, async () => {
      const shard = await findPlace(client, servers, slug, placement ?? {});
      await client.query(
        `insert into whisper_control.tenant (id, slug, schema_name, role_name, shard_id, state, revision, manifest, isolation)
         values ($1, $2, $3, $3, $4, 'provisioning', '', $5, $6)`,
        [ids.next(), slug, opaqueName(), shard, JSON.stringify(profile), isolation ?? 'dedicated'],
      );
    });
    return found(await findTenant(client, { slug }));
  }

  private async makeSchema(client: pg.PoolClient, row: TenantRow, epoch: number): Promise<void> {
    const { servers, appRole, migrations } = this.parts;
    const startedAt = Date.now();
    const report = (version: number, state: string, error: string | null) =>
      client.query(
        `insert into whisper_control.migration_ledger (tenant_id, version, state, error, took_ms) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, version) do update set state = excluded.state, error = excluded.error, took_ms = excluded.took_ms,
           attempts = migration_ledger.attempts + 1, at = now()`,
        [row.id, version, state, error, Date.now() - startedAt],
      );
    try {
      const version = await servers.with(row.shard_id, async (shard) => {
        const made = await makeTenantSchema(shard, placeOf(row), appRole, migrations);
        await writeEpoch(shard, placeOf(row), epoch);
        return made;
      });
      await report(version, 'done', null);
    } catch (error) {
      await report(migrations.length, 'failed', describeError(error));
      throw error;
    }
  }

  private async publish(client: pg.PoolClient, row: TenantRow, description: TenantDescription): Promise<Tenant> {
    const { profile, revision, hosts, isolation } = description;
    try {
      await inTransaction(client, async () => {
        await client.query(
          `update whisper_control.tenant set manifest = $2, revision = $3, state = $4, epoch = $5, isolation = $6, updated_at = now()
           where id = $1`,
          [row.id, JSON.stringify(profile), revision, row.state, row.epoch, isolation ?? 'dedicated'],
        );
        await client.query('delete from whisper_control.host_alias where tenant_id = $1', [row.id]);
        for (const [position, host] of hosts.entries())
          await client.query('insert into whisper_control.host_alias (host, tenant_id, position) values ($1, $2, $3)', [
            host,
            row.id,
            position,
          ]);
        await client.query('select pg_notify($1, $2)', [directoryChannel, row.id]);
      });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('conflict', `Another tenant already has one of the hosts ${hosts.join(', ')}.`, {
        field: 'spec.domains',
        cause: error,
      });
    }
    return fromTenantRow(found(await findTenant(client, { id: row.id })));
  }

  override async suspend(slug: string): Promise<void> {
    await withTenantLock(this.parts.pool, slug, async (client) => {
      const row = await findTenant(client, { slug });
      if (row?.state === 'active' || row?.state === 'suspended') await this.shut(client, row, 'suspended');
    });
  }

  override async retire(id: TenantId): Promise<void> {
    const known = await findTenant(this.parts.pool, { id });
    if (known === null) return;
    await withTenantLock(this.parts.pool, known.slug, async (client) => {
      const row = await findTenant(client, { id });
      if (row !== null) await this.shut(client, row, 'erasing');
    });
  }

  /** The directory first, so that the tenant is shut even while its shard is away; then the schema refuses what is late. */
  private async shut(client: pg.PoolClient, row: TenantRow, state: TenantState): Promise<void> {
    const epoch = row.state === state ? row.epoch : row.epoch + 1;
    if (row.state !== state)
      await client.query(
        `with changed as (update whisper_control.tenant set state = $2, epoch = $3, updated_at = now() where id = $1 returning id)
         select pg_notify($4, id::text) from changed`,
        [row.id, state, epoch, directoryChannel],
      );
    await this.parts.servers.with(row.shard_id, async (shard) => {
      const { rows } = await shard.query('select to_regclass($1) as there', [`${row.schema_name}.tenancy`]);
      // A tenant that was never finished, or whose schema is gone already, has nothing to refuse.
      if ((rows[0] as { there: string | null }).there !== null) await writeEpoch(shard, placeOf(row), epoch);
    });
  }

  override async erase(id: TenantId): Promise<void> {
    await this.retire(id);
    const row = await findTenant(this.parts.pool, { id });
    if (row === null) return;
    await this.parts.servers.with(row.shard_id, (shard) => dropTenantSchema(shard, placeOf(row)));
    await this.parts.pool.query(
      `with gone as (delete from whisper_control.tenant where id = $1 returning id) select pg_notify($2, id::text) from gone`,
      [id, directoryChannel],
    );
  }

  override async find(slug: string): Promise<Tenant | null> {
    const row = await findTenant(this.parts.pool, { slug });
    return row === null ? null : fromTenantRow(row);
  }

  override async all(): Promise<readonly Tenant[]> {
    const { rows } = await this.parts.pool.query<TenantRow>(`${selectTenants('true')} order by t.slug`);
    return rows.map(fromTenantRow);
  }

  override async outdated(): Promise<ReadonlySet<string>> {
    const { rows } = await this.parts.pool.query<{ slug: string }>(
      `select slug from whisper_control.tenant t where not exists (select from whisper_control.migration_ledger l
         where l.tenant_id = t.id and l.version = $1 and l.state = 'done')`,
      [this.parts.migrations.length],
    );
    return new Set(rows.map(({ slug }) => slug));
  }

  override async upgrade(slug: string): Promise<void> {
    await withTenantLock(this.parts.pool, slug, async (client) => {
      const row = await findTenant(client, { slug });
      if (row?.state === 'active' || row?.state === 'suspended') await this.makeSchema(client, row, row.epoch);
    });
  }

  override async applyBackend(description: BackendDescription): Promise<void> {
    await this.parts.pool.query(
      `with changed as (insert into whisper_control.backend (name, revision, manifest) values ($1, $2, $3)
         on conflict (name) do update set revision = excluded.revision, manifest = excluded.manifest, updated_at = now()
         where backend.revision <> excluded.revision returning name)
       select pg_notify($4, 'backends') from changed`,
      [description.name, description.revision, JSON.stringify(description.spec), directoryChannel],
    );
  }

  override async removeBackend(name: string): Promise<void> {
    await this.parts.pool.query(
      `with gone as (delete from whisper_control.backend where name = $1 returning name)
       select pg_notify($2, 'backends') from gone`,
      [name, directoryChannel],
    );
  }

  override async backends(): Promise<readonly BackendDescription[]> {
    const { rows } = await this.parts.pool.query<{ name: string; revision: string; manifest: unknown }>(
      'select name, revision, manifest from whisper_control.backend order by name',
    );
    return rows.map((row) => ({ name: row.name, revision: row.revision, spec: row.manifest }));
  }
}

function found(row: TenantRow | null): TenantRow {
  if (row === null) throw new AppError('internal', 'The tenant vanished while it was made.');
  return row;
}

async function inTransaction(client: pg.PoolClient, work: () => Promise<void>): Promise<void> {
  await client.query('begin');
  try {
    await work();
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => undefined);
    throw error;
  }
}
