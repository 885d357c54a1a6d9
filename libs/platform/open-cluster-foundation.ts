import type { Logger } from 'pino';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { FollowedFile } from '#libs/kernel/followed-file.js';
import { BullJobQueue } from '#libs/messaging/bull-job-queue.js';
import { openDedicated } from '#libs/persistence/open-dedicated.js';
import { openShared } from '#libs/persistence/open-shared.js';
import { type ClusterKeys, readClusterKeys } from '#libs/signin/cluster-keys.js';
import { MountedKeys, readServiceKeys } from '#libs/signin/mounted-keys.js';
import { FileBackendRegistry, readCompiledBackends } from '#libs/sources/file-backend-registry.js';
import { MasterKey } from '#libs/sources/master-key.js';
import { assembleFoundation, makeDataFolder } from './assemble-foundation.js';
import { Closers } from './closers.js';
import type { Config } from './config.js';
import type { ServedFoundation } from './foundation.js';
import { openFoundation } from './open-foundation.js';

/** Most connections of one shared process to one shard, and of a tenant's own to its shard: units of work take milliseconds. */
const poolSize = { shared: 20, dedicated: 10 } as const;

interface Opening {
  readonly config: Config;
  readonly log: Logger;
  readonly closers: Closers;
  readonly databaseUrl: string;
  readonly redisUrl: string;
}

/**
 * The foundation of an app that runs apart: a dedicated tenant's own (WHISPER_TENANT_FILE), the shared one of pooled
 * tenants (WHISPER_SHARDS), or one that shares its database with the others on one machine.
 * @throws {AppError} start_failed naming the variable
 */
export function openServedFoundation(config: Config, log: Logger): Promise<ServedFoundation> {
  const { tenantFile, shards } = config;
  const databaseUrl = required(
    config.databaseUrl,
    'DATABASE_URL',
    'Set DATABASE_URL, or start everything in one process with `npm start`.',
  );
  if (tenantFile === undefined && shards === undefined) return openFoundation(config, log);
  if (tenantFile !== undefined && shards !== undefined)
    throw new AppError('start_failed', 'A process serves one tenant or many.', {
      field: 'WHISPER_TENANT_FILE',
      action: 'Set WHISPER_TENANT_FILE or WHISPER_SHARDS, not both.',
    });
  const redisUrl = required(
    config.redisUrl,
    'REDIS_URL',
    'Replicas in a cluster share jobs, messages and limits over Redis: set REDIS_URL, from the Secret "redis".',
  );
  const closers = new Closers(log);
  const opening = { config, log, closers, databaseUrl, redisUrl };
  return closers.guard(() =>
    tenantFile === undefined ? openSharedShape(opening, shards ?? '') : openDedicatedShape(opening, tenantFile),
  );
}

function required(value: string | undefined, field: string, action: string): string {
  if (value !== undefined) return value;
  throw new AppError('start_failed', `${field} is not set.`, { field, action });
}

async function openDedicatedShape(opening: Opening, tenantFile: string): Promise<ServedFoundation> {
  const { config, log, closers, databaseUrl, redisUrl } = opening;
  await makeDataFolder(config.data);
  const key = await MasterKey.read(config.secrets);
  const report = (error: unknown) => log.error({ error: describeError(error) }, 'a mounted file is not understood');
  const database = await openDedicated({
    url: databaseUrl,
    tenantFile,
    poolSize: poolSize.dedicated,
    report,
  });
  closers.add(() => database.close());
  const backends = await followed(opening, config.backendsFile ?? '', readCompiledBackends);
  // The tenant's Redis user may touch only what starts with the name of its schema.
  const prefix = database.tenant.schema;
  return assembleFoundation(config, log, closers, {
    directory: database.directory,
    sessions: database.sessions,
    backends: new FileBackendRegistry(backends),
    signingKeys: await signingKeys(opening),
    clusterKeys: await clusterKeys(opening),
    sealerFor: () => key,
    isReady: () => database.isReady(),
    prefix,
    openJobs: (trouble) => Promise.resolve(BullJobQueue.onRedis(redisUrl, prefix, trouble)),
  });
}

async function openSharedShape(opening: Opening, shardsFolder: string): Promise<ServedFoundation> {
  const { config, log, closers, databaseUrl, redisUrl } = opening;
  await makeDataFolder(config.data);
  const key = await MasterKey.read(config.secrets);
  const database = await openShared({
    url: databaseUrl,
    shardsFolder,
    isolation: config.isolation,
    poolSize: poolSize.shared,
  });
  closers.add(() => database.close());
  const prefix = `whisper-${database.installationId}`;
  return assembleFoundation(config, log, closers, {
    directory: database.directory,
    sessions: database.sessions,
    backends: database.backends,
    signingKeys: await signingKeys(opening),
    clusterKeys: await clusterKeys(opening),
    sealerFor: (tenant) => key.forTenant(tenant),
    isReady: () => database.isReady(),
    prefix,
    openJobs: (trouble) => Promise.resolve(BullJobQueue.onRedis(redisUrl, prefix, trouble)),
  });
}

async function signingKeys(opening: Opening): Promise<MountedKeys | null> {
  const { serviceKeys } = opening.config;
  return serviceKeys === undefined ? null : new MountedKeys(await followed(opening, serviceKeys, readServiceKeys));
}

async function clusterKeys(opening: Opening): Promise<(() => ClusterKeys) | null> {
  const { clusterKeys: path } = opening.config;
  if (path === undefined) return null;
  const file = await followed(opening, path, readClusterKeys);
  return () => file.value;
}

async function followed<Value>(
  { log, closers }: Opening,
  path: string,
  parse: (text: string) => Value | Promise<Value>,
): Promise<FollowedFile<Value>> {
  const report = (error: unknown) =>
    log.error({ path, error: describeError(error) }, 'a mounted file is not understood; its last good version counts');
  const file = await FollowedFile.open({ path, parse, report }).catch((cause: unknown) => {
    // A parser's words may quote the file, which may be secret: only its path is told.
    throw new AppError('start_failed', `The mounted file ${path} is not there or not understood.`, {
      field: path,
      action: 'The operator writes it; look at the status of the WhisperTenant.',
      cause,
    });
  });
  closers.add(() => Promise.resolve(file.close()));
  return file;
}
