import { AppError, describeError } from '#libs/kernel/errors.js';
import type { Isolation } from '#libs/tenancy/ports/tenant-registry.js';
import { openStores } from './open-stores.js';
import { PostgresBackendRegistry } from './postgres-backend-registry.js';
import { PostgresTenantDirectory } from './postgres-tenant-directory.js';
import { PostgresTenantSessions } from './postgres-tenant-sessions.js';
import { ShardFolder } from './shard-folder.js';
import { ShardPools } from './shard-pools.js';
import { smallPool } from './small-pool.js';
import type { AllStores } from './stores/all-stores.js';

interface SharedSettings {
  /** The apps' own login of the control database: it reads the directory and nothing else. */
  readonly url: string;
  /** Folder with `<shard>/url`. */
  readonly shardsFolder: string;
  /** Tenants that are served; left out: all of them. */
  readonly isolation: Isolation | undefined;
  /** Most connections to each shard. */
  readonly poolSize: number;
}

/** The control database read by apps that serve many tenants, and the way to each tenant's data on its shard. */
export interface SharedDatabase {
  readonly installationId: string;
  readonly directory: PostgresTenantDirectory;
  readonly backends: PostgresBackendRegistry;
  readonly sessions: PostgresTenantSessions<AllStores>;
  /** True when the control database answers; a shard that is away is the trouble of its own tenants only. */
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/**
 * Opens what apps need that never make a role or a schema themselves.
 * @throws {AppError} start_failed
 */
export async function openShared(settings: SharedSettings): Promise<SharedDatabase> {
  const pool = smallPool(settings.url, 3);
  const directory = new PostgresTenantDirectory(pool, settings.url, settings.isolation);
  const pools = new ShardPools(settings.poolSize, (shard) => folder.urlOf(shard));
  const folder = await ShardFolder.open(settings.shardsFolder, () => pools.sweep()).catch((cause: unknown) => {
    throw new AppError('start_failed', `The folder of shards cannot be read: ${describeError(cause)}.`, {
      field: 'WHISPER_SHARDS',
      cause,
    });
  });
  const close = async () => {
    folder.close();
    await directory.close();
    await pools.close();
    await pool.end();
  };
  try {
    const { rows } = await pool.query<{ id: string }>('select id from whisper_control.installation');
    await directory.listen();
    return {
      installationId: rows[0]?.id ?? '',
      directory,
      backends: new PostgresBackendRegistry(pool),
      sessions: new PostgresTenantSessions(directory, pools, openStores),
      isReady: async () => (await pool.query('select 1')).rowCount === 1,
      close,
    };
  } catch (cause) {
    await close();
    throw new AppError('start_failed', `The control database cannot be read: ${describeError(cause)}.`, {
      field: 'DATABASE_URL',
      action: 'The operator prepares it; look at its log, and at the Secret with the apps’ login.',
      cause,
    });
  }
}
