import type pg from 'pg';
import { AppError, asAppError, describeError } from '#libs/kernel/errors.js';
import {
  type ShardAccess,
  type ShardDescription,
  ShardRegistry,
  type ShardReport,
} from '#libs/tenancy/ports/shard-registry.js';
import { directoryChannel } from './control-rows.js';
import type { Installation } from './installation.js';
import { prepareShard } from './prepare-shard.js';
import { isAway } from './server-roles.js';
import type { ShardServers } from './shard-servers.js';

interface ShardRegistryParts {
  /** Writes the control database. */
  readonly pool: pg.Pool;
  readonly servers: ShardServers;
  readonly installation: Installation;
  readonly passwordFor: (purpose: string) => string;
}

/** Shards as rows of the control database; how to reach them stays in this process. */
export class PostgresShardRegistry extends ShardRegistry {
  constructor(private readonly parts: ShardRegistryParts) {
    super();
  }

  override async apply(description: ShardDescription): Promise<ShardAccess> {
    const { pool, servers } = this.parts;
    const { name, region, capacity, cordoned, weight, adminUrl } = description;
    const appUrl = servers.appUrlOf(name, adminUrl) ?? (await this.prepare(name, adminUrl));
    await pool.query(
      `with changed as (insert into whisper_control.shard (id, region, state, capacity, weight) values ($1, $2, $3, $4, $5)
         on conflict (id) do update set region = excluded.region, state = excluded.state, capacity = excluded.capacity,
           weight = excluded.weight
         where (shard.region, shard.state, shard.capacity, shard.weight)
           is distinct from (excluded.region, excluded.state, excluded.capacity, excluded.weight) returning id)
       select pg_notify($6, id) from changed`,
      [name, region, cordoned ? 'cordoned' : 'active', capacity, weight, directoryChannel],
    );
    return { name, appUrl };
  }

  override async remove(name: string): Promise<void> {
    const { pool, servers } = this.parts;
    const tenants = await this.tenantsOn(name);
    if (tenants > 0)
      throw new AppError('conflict', `${tenants} tenants live on the shard "${name}".`, {
        action: 'Move or delete them first; until then the shard stays.',
      });
    await pool.query('delete from whisper_control.shard where id = $1', [name]);
    await servers.remove(name);
  }

  override async inspect(name: string): Promise<ShardReport> {
    const tenants = await this.tenantsOn(name);
    try {
      const { version, bytes } = await this.parts.servers.ask(name);
      return { reachable: true, serverVersion: version, tenants, sizeBytes: bytes, error: null };
    } catch (error) {
      return { reachable: false, serverVersion: null, tenants, sizeBytes: null, error: describeError(error) };
    }
  }

  private async prepare(name: string, adminUrl: string): Promise<string> {
    const { servers, installation, passwordFor } = this.parts;
    try {
      const appUrl = await prepareShard({ name, adminUrl, installation, passwordFor });
      await servers.add(name, adminUrl, appUrl);
      return appUrl;
    } catch (error) {
      const { code, message, action } = asAppError(error);
      if (code === 'start_failed' && !isAway(error)) throw error;
      throw new AppError('shard_unavailable', `The shard "${name}" could not be prepared: ${message}`, {
        action,
        cause: error,
      });
    }
  }

  private async tenantsOn(name: string): Promise<number> {
    const { rows } = await this.parts.pool.query<{ tenants: number }>(
      'select count(*)::int as tenants from whisper_control.tenant where shard_id = $1',
      [name],
    );
    return rows[0]?.tenants ?? 0;
  }
}
