import { type Clock, SystemClock } from '#libs/kernel/clock.js';
import type { Ids } from '#libs/kernel/ids.js';
import { PostgresTenantExporter } from './export/postgres-tenant-exporter.js';
import { type Installation, prepareInstallation } from './installation.js';
import { readMigrations } from './migrations.js';
import { PostgresShardRegistry } from './postgres-shard-registry.js';
import { PostgresTenantLogins } from './postgres-tenant-logins.js';
import { PostgresTenantRegistry } from './postgres-tenant-registry.js';
import { ShardServers } from './shard-servers.js';
import { smallPool } from './small-pool.js';

export interface ControlSettings {
  /** Login that may create roles and schemas. */
  readonly adminUrl: string;
  /** Folder with `platform/` and `tenant/`. */
  readonly migrationsFolder: string;
  readonly passwordFor: (purpose: string) => string;
  readonly ids: Ids;
  readonly clock?: Clock;
}

/** The writing side of the control database: tenants, shards, and the logins of dedicated tenants. */
export interface Control {
  readonly installation: Installation;
  readonly servers: ShardServers;
  readonly registry: PostgresTenantRegistry;
  readonly shards: PostgresShardRegistry;
  readonly logins: PostgresTenantLogins;
  readonly exporter: PostgresTenantExporter;
  close(): Promise<void>;
}

/**
 * Prepares the control database and opens what writes it.
 * @throws {AppError} start_failed
 */
export async function openControl(
  settings: ControlSettings,
  { isShardToo }: { readonly isShardToo: boolean },
): Promise<Control> {
  const { adminUrl, migrationsFolder, passwordFor, ids, clock = new SystemClock() } = settings;
  const [platform, tenant] = await Promise.all([
    readMigrations(`${migrationsFolder}/platform`),
    readMigrations(`${migrationsFolder}/tenant`),
  ]);
  const installation = await prepareInstallation({ adminUrl, migrations: platform, passwordFor, isShardToo });
  const pool = smallPool(adminUrl, 4);
  const servers = new ShardServers();
  return {
    installation,
    servers,
    registry: new PostgresTenantRegistry({
      pool,
      servers,
      appRole: installation.appRole,
      migrations: tenant,
      ids,
    }),
    shards: new PostgresShardRegistry({ pool, servers, installation, passwordFor }),
    exporter: new PostgresTenantExporter(pool, servers, clock),
    logins: new PostgresTenantLogins(pool, servers, passwordFor),
    async close() {
      await servers.close();
      await pool.end();
    },
  };
}
