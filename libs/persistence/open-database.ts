import type { DataSource } from 'typeorm';
import { openDataSource } from './data-source.js';
import { mainShard } from './installation.js';
import { type Control, type ControlSettings, openControl } from './open-control.js';
import { openStores } from './open-stores.js';
import { PostgresBackendRegistry } from './postgres-backend-registry.js';
import { PostgresTenantDirectory } from './postgres-tenant-directory.js';
import { PostgresTenantSessions } from './postgres-tenant-sessions.js';
import { rows } from './rows/all-rows.js';
import { ShardPools } from './shard-pools.js';
import { smallPool } from './small-pool.js';
import type { AllStores } from './stores/all-stores.js';

interface DatabaseSettings extends ControlSettings {
  /** Most connections of the apps; each running unit of work needs one. */
  readonly poolSize: number;
}

/** A prepared database: the directory, its writer, and the way to each tenant's data. */
export interface Database extends Control {
  readonly directory: PostgresTenantDirectory;
  readonly backends: PostgresBackendRegistry;
  readonly sessions: PostgresTenantSessions<AllStores>;
  readonly dataSource: DataSource;
}

/** Prepares the installation, proves its walls, and opens the pools: one machine, where the tenants live in the same database. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const control = await openControl(settings, { isShardToo: true });
  const { installation } = control;
  await control.servers.add(mainShard, settings.adminUrl, installation.appUrl);
  const appPool = smallPool(installation.appUrl, 3);
  const directory = new PostgresTenantDirectory(appPool, installation.appUrl);
  await directory.listen();
  const dataSource = await openDataSource(installation.appUrl, rows, settings.poolSize);
  const sources = new ShardPools(settings.poolSize, (shard) => control.servers.appUrl(shard));
  return {
    ...control,
    directory,
    dataSource,
    backends: new PostgresBackendRegistry(appPool),
    sessions: new PostgresTenantSessions(
      directory,
      { get: (shard) => (shard === mainShard ? dataSource : sources.get(shard)) },
      openStores,
    ),
    async close() {
      await directory.close();
      await dataSource.destroy();
      await sources.close();
      await appPool.end();
      await control.close();
    },
  };
}
