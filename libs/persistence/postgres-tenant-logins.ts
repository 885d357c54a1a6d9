import pg from 'pg';
import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { TenantLogins } from '#libs/tenancy/ports/tenant-logins.js';
import type { TenantRow } from './control-rows.js';
import { letIn, withLogin } from './server-roles.js';
import type { ShardServers } from './shard-servers.js';
import { closeRole } from './tenant-schema.js';
import { findTenant, withTenantLock } from './tenant-rows.js';

/** Most connections of one tenant's own workloads: eight processes with full pools; more would starve others of the shard. */
const mostConnections = 80;

/** The tenant's role with a login; its password is derived, and the directory only counts its generations. */
export class PostgresTenantLogins extends TenantLogins {
  constructor(
    private readonly pool: pg.Pool,
    private readonly servers: ShardServers,
    private readonly passwordFor: (purpose: string) => string,
  ) {
    super();
  }

  override give(tenant: TenantId): Promise<string> {
    return this.change(tenant, 'coalesce(login_generation, 1)');
  }

  override rotate(tenant: TenantId): Promise<string> {
    return this.change(tenant, 'coalesce(login_generation, 0) + 1');
  }

  override async take(tenant: TenantId): Promise<void> {
    const row = await findTenant(this.pool, { id: tenant });
    if (row === null) return;
    await withTenantLock(this.pool, row.slug, async (client) => {
      await this.servers.with(row.shard_id, (shard) => closeRole(shard, row.role_name));
      await client.query('update whisper_control.tenant set login_generation = null where id = $1', [tenant]);
    });
  }

  /** @param generation one of our own expressions over the row */
  private async change(tenant: TenantId, generation: string): Promise<string> {
    const known = found(await findTenant(this.pool, { id: tenant }));
    return withTenantLock(this.pool, known.slug, async (client) => {
      const { rows } = await client.query<{ generation: number }>(
        `update whisper_control.tenant set login_generation = ${generation} where id = $1
         returning login_generation as generation`,
        [tenant],
      );
      const password = this.passwordFor(`login:${known.role_name}:${rows[0]?.generation ?? 1}`);
      await this.servers.with(known.shard_id, async (shard) => {
        await letIn(shard, known.role_name);
        await shard.query(
          `alter role ${known.role_name} login noinherit connection limit ${mostConnections} password ${pg.escapeLiteral(password)}`,
        );
      });
      return withLogin(this.servers.adminUrl(known.shard_id), known.role_name, password);
    });
  }
}

function found(row: TenantRow | null): TenantRow {
  if (row === null) throw new AppError('not_found', 'This organisation is not here.');
  return row;
}
