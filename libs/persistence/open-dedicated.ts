import { AppError, describeError } from '#libs/kernel/errors.js';
import { FollowedFile } from '#libs/kernel/followed-file.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { FileTenantDirectory, readCompiledTenant } from './file-tenant-directory.js';
import { openStores } from './open-stores.js';
import { PostgresTenantSessions } from './postgres-tenant-sessions.js';
import { ShardPools } from './shard-pools.js';
import type { AllStores } from './stores/all-stores.js';

interface DedicatedSettings {
  /** The tenant's own login on its shard. */
  readonly url: string;
  readonly tenantFile: string;
  readonly poolSize: number;
  /** Is told of a mounted row that is not understood. */
  readonly report: (error: unknown) => void;
}

/** One tenant's own database, by its own login; no control database is known here. */
export interface DedicatedDatabase {
  readonly tenant: Tenant;
  readonly directory: FileTenantDirectory;
  readonly sessions: PostgresTenantSessions<AllStores>;
  isReady(): Promise<boolean>;
  close(): Promise<void>;
}

/** @throws {AppError} start_failed where the mounted row is not there or not understood */
export async function openDedicated(settings: DedicatedSettings): Promise<DedicatedDatabase> {
  const { tenantFile: path, report } = settings;
  const file = await FollowedFile.open({ path, parse: readCompiledTenant, report }).catch((cause: unknown) => {
    throw new AppError('start_failed', `${path} is not a tenant of the operator: ${describeError(cause)}`, {
      field: 'WHISPER_TENANT_FILE',
      action: 'The operator writes it into the ConfigMap "tenant"; look at the status of the WhisperTenant.',
      cause,
    });
  });
  const directory = new FileTenantDirectory(file);
  const pools = new ShardPools(settings.poolSize, () => settings.url);
  return {
    tenant: file.value,
    directory,
    sessions: new PostgresTenantSessions(directory, pools, openStores),
    async isReady() {
      const source = await pools.get(file.value.shard);
      await source?.query('select 1');
      return source !== undefined;
    },
    async close() {
      file.close();
      await pools.close();
    },
  };
}
