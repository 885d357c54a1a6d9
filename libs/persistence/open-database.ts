import pg from 'pg';
import type { DataSource } from 'typeorm';
import type { Ids } from '#libs/kernel/ids.js';
import { openDataSource } from './data-source.js';
import { type Installation, prepareInstallation } from './installation.js';
import { readMigrations } from './migrations.js';
import { openStores } from './open-stores.js';
import { PostgresBackendRegistry } from './postgres-backend-registry.js';
import { PostgresTenantDirectory } from './postgres-tenant-directory.js';
import { PostgresTenantRegistry } from './postgres-tenant-registry.js';
import { PostgresTenantSessions } from './postgres-tenant-sessions.js';
import { rows } from './rows/all-rows.js';
import type { AllStores } from './stores/all-stores.js';

interface DatabaseSettings {
  /** Login that may create roles and schemas. */
  readonly adminUrl: string;
  /** Folder with `platform/` and `tenant/`. */
  readonly migrationsFolder: string;
  readonly passwordFor: (purpose: string) => string;
  readonly ids: Ids;
  /** Most connections of the apps; each running unit of work needs one. */
  readonly poolSize: number;
}

/** A prepared database: the directory, its writer, and the way to each tenant's data. */
export interface Database {
  readonly installation: Installation;
  readonly directory: PostgresTenantDirectory;
  readonly registry: PostgresTenantRegistry;
  readonly backends: PostgresBackendRegistry;
  readonly sessions: PostgresTenantSessions<AllStores>;
  readonly dataSource: DataSource;
  close(): Promise<void>;
}

function smallPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on('error', () => undefined);
  return pool;
}

/** Prepares the installation, proves its walls, and opens the pools. */
export async function openDatabase(settings: DatabaseSettings): Promise<Database> {
  const [platform, tenant] = await Promise.all([
    readMigrations(`${settings.migrationsFolder}/platform`),
    readMigrations(`${settings.migrationsFolder}/tenant`),
  ]);
  const installation = await prepareInstallation({
    adminUrl: settings.adminUrl,
    migrations: platform,
    passwordFor: settings.passwordFor,
  });
  const adminPool = smallPool(settings.adminUrl, 3);
  const appPool = smallPool(installation.appUrl, 3);
  const directory = new PostgresTenantDirectory(appPool, installation.appUrl);
  await directory.listen();
  const dataSource = await openDataSource(installation.appUrl, rows, settings.poolSize);
  return {
    installation,
    directory,
    dataSource,
    backends: new PostgresBackendRegistry(appPool),
    registry: new PostgresTenantRegistry(adminPool, installation.appRole, tenant, settings.ids),
    sessions: new PostgresTenantSessions(directory, new Map([['main', dataSource]]), openStores),
    async close() {
      await directory.close();
      await dataSource.destroy();
      await Promise.all([adminPool.end(), appPool.end()]);
    },
  };
}
