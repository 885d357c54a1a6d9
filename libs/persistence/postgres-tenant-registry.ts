import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { AppError, describeError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { Ids } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import {
  type BackendDescription,
  type TenantDescription,
  TenantRegistry,
} from '#libs/tenancy/ports/tenant-registry.js';
import { directoryChannel, fromTenantRow, selectTenants, type TenantRow } from './control-rows.js';
import { isDuplicate } from './database-errors.js';
import type { Migration } from './migrations.js';
import { dropTenantSchema, makeTenantSchema } from './tenant-schema.js';

function opaqueName(): string {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  return `t_${[...randomBytes(16)].map((byte) => letters[byte % letters.length]).join('')}`;
}

/** The directory's writer, with the login that may create roles and schemas. */
export class PostgresTenantRegistry extends TenantRegistry {
  constructor(
    private readonly pool: pg.Pool,
    private readonly appRole: string,
    private readonly migrations: readonly Migration[],
    private readonly ids: Ids,
  ) {
    super();
  }

  override async apply(description: TenantDescription): Promise<Tenant> {
    const client = await this.pool.connect();
    try {
      // One at a time per tenant, over all processes: two writers of one manifest must not race.
      await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`whisper:tenant:${description.slug}`]);
      try {
        const row = await this.claim(client, description);
        await this.makeSchema(client, row);
        return await this.publish(client, row.id, description);
      } finally {
        await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [
          `whisper:tenant:${description.slug}`,
        ]);
      }
    } finally {
      client.release();
    }
  }

  private async claim(client: pg.PoolClient, description: TenantDescription): Promise<TenantRow> {
    const name = opaqueName();
    await client.query(
      `insert into whisper_control.tenant (id, slug, schema_name, role_name, shard_id, state, revision, manifest)
       values ($1, $2, $3, $3, 'main', 'provisioning', '', $4) on conflict (slug) do nothing`,
      [this.ids.next(), description.slug, name, JSON.stringify(description.profile)],
    );
    const { rows } = await client.query<TenantRow>(selectTenants('t.slug = $1'), [description.slug]);
    const [row] = rows;
    if (row === undefined) throw new AppError('internal', 'The tenant vanished while it was made.');
    return row;
  }

  private async makeSchema(client: pg.PoolClient, row: TenantRow): Promise<void> {
    const startedAt = Date.now();
    const report = (version: number, state: string, error: string | null) =>
      client.query(
        `insert into whisper_control.migration_ledger (tenant_id, version, state, error, took_ms) values ($1, $2, $3, $4, $5)
         on conflict (tenant_id, version) do update set state = excluded.state, error = excluded.error, took_ms = excluded.took_ms,
           attempts = migration_ledger.attempts + 1, at = now()`,
        [row.id, version, state, error, Date.now() - startedAt],
      );
    try {
      const version = await makeTenantSchema(
        client,
        { schema: row.schema_name, role: row.role_name },
        this.appRole,
        this.migrations,
      );
      await report(version, 'done', null);
    } catch (error) {
      await report(this.migrations.length, 'failed', describeError(error));
      throw error;
    }
  }

  private async publish(client: pg.PoolClient, id: string, description: TenantDescription): Promise<Tenant> {
    await client.query('begin');
    try {
      await client.query(
        `update whisper_control.tenant set manifest = $2, revision = $3, state = $4, updated_at = now(),
           epoch = case when state = $4 or state = 'provisioning' then epoch else epoch + 1 end where id = $1`,
        [id, JSON.stringify(description.profile), description.revision, description.suspended ? 'suspended' : 'active'],
      );
      await client.query('delete from whisper_control.host_alias where tenant_id = $1', [id]);
      for (const [position, host] of description.hosts.entries())
        await client.query('insert into whisper_control.host_alias (host, tenant_id, position) values ($1, $2, $3)', [
          host,
          id,
          position,
        ]);
      await client.query('select pg_notify($1, $2)', [directoryChannel, id]);
      await client.query('commit');
    } catch (error) {
      await client.query('rollback');
      if (isDuplicate(error))
        throw new AppError('conflict', `Another tenant already has one of the hosts ${description.hosts.join(', ')}.`, {
          field: 'spec.domains',
          cause: error,
        });
      throw error;
    }
    const { rows } = await client.query<TenantRow>(selectTenants('t.id = $1'), [id]);
    const [row] = rows;
    if (row === undefined) throw new AppError('internal', 'The tenant vanished while it was made.');
    return fromTenantRow(row);
  }

  override async suspend(slug: string): Promise<void> {
    await this.pool.query(
      `with changed as (update whisper_control.tenant set state = 'suspended', epoch = epoch + 1, updated_at = now()
         where slug = $1 and state = 'active' returning id) select pg_notify($2, id::text) from changed`,
      [slug, directoryChannel],
    );
  }

  override async erase(id: TenantId): Promise<void> {
    const { rows } = await this.pool.query<TenantRow>(selectTenants('t.id = $1'), [id]);
    const [row] = rows;
    if (row === undefined) return;
    await this.pool.query(`update whisper_control.tenant set state = 'erasing', epoch = epoch + 1 where id = $1`, [id]);
    await this.pool.query('select pg_notify($1, $2)', [directoryChannel, id]);
    const client = await this.pool.connect();
    try {
      await dropTenantSchema(client, { schema: row.schema_name, role: row.role_name });
    } finally {
      client.release();
    }
    await this.pool.query('delete from whisper_control.tenant where id = $1', [id]);
    await this.pool.query('select pg_notify($1, $2)', [directoryChannel, id]);
  }

  override async all(): Promise<readonly Tenant[]> {
    const { rows } = await this.pool.query<TenantRow>(`${selectTenants('true')} order by t.slug`);
    return rows.map(fromTenantRow);
  }

  override async applyBackend(description: BackendDescription): Promise<void> {
    await this.pool.query(
      `insert into whisper_control.backend (name, revision, manifest) values ($1, $2, $3)
       on conflict (name) do update set revision = excluded.revision, manifest = excluded.manifest, updated_at = now()`,
      [description.name, description.revision, JSON.stringify(description.spec)],
    );
    await this.pool.query('select pg_notify($1, $2)', [directoryChannel, 'backends']);
  }

  override async removeBackend(name: string): Promise<void> {
    await this.pool.query('delete from whisper_control.backend where name = $1', [name]);
    await this.pool.query('select pg_notify($1, $2)', [directoryChannel, 'backends']);
  }

  override async backends(): Promise<readonly BackendDescription[]> {
    const { rows } = await this.pool.query<{ name: string; revision: string; manifest: unknown }>(
      'select name, revision, manifest from whisper_control.backend order by name',
    );
    return rows.map((row) => ({ name: row.name, revision: row.revision, spec: row.manifest }));
  }
}
