import { chmod, mkdir, stat } from 'node:fs/promises';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { SystemClock } from '#libs/kernel/clock.js';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { type Ids, RandomIds } from '#libs/kernel/ids.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { RedisBus } from '#libs/messaging/redis-bus.js';
import { FileSecrets } from '#libs/sources/file-secrets.js';
import { databaseMetrics, MeasuredSessions } from '#libs/telemetry/measured-sessions.js';
import { CachedTenantProfiles } from '#libs/tenancy/app/cached-tenant-profiles.js';
import type { JobQueue } from '#libs/tenancy/ports/jobs.js';
import { addressesOf } from './addresses-of.js';
import type { Closers } from './closers.js';
import type { Config } from './config.js';
import type { Foundation, ServedFoundation } from './foundation.js';

/** Is told of trouble that a connection mends by itself. */
export type ReportTrouble = (error: Error | string) => void;

/** What the shapes differ in: one machine, shared apps of a cluster, a tenant's own apps. */
export interface Ground extends Pick<
  Foundation,
  'directory' | 'sessions' | 'backends' | 'signingKeys' | 'clusterKeys' | 'sealerFor' | 'isReady'
> {
  /** Starts the names of everything in Redis: keys and channels. */
  readonly prefix: string;
  readonly openJobs: (report: ReportTrouble) => Promise<JobQueue>;
  readonly ids?: Ids;
}

/** Builds what every product stands on. */
export async function assembleFoundation(
  config: Config,
  log: Logger,
  closers: Closers,
  ground: Ground,
): Promise<ServedFoundation> {
  const trouble = (part: string) => quietly(part, log);
  const bus =
    config.redisUrl === undefined
      ? new InProcessBus(trouble('bus'))
      : await RedisBus.connect(config.redisUrl, ground.prefix, trouble('redis'));
  closers.add(() => bus.close());
  const jobs = await ground.openJobs(trouble('jobs'));
  closers.add(() => jobs.close());
  const metrics = new Registry();
  const sessions = new MeasuredSessions(ground.sessions, databaseMetrics(metrics));
  return {
    config,
    clock: new SystemClock(),
    ids: ground.ids ?? new RandomIds(),
    log,
    metrics,
    addresses: addressesOf(config),
    directory: ground.directory,
    profiles: new CachedTenantProfiles(sessions, bus, () => Date.now()),
    sessions,
    backends: ground.backends,
    signingKeys: ground.signingKeys,
    clusterKeys: ground.clusterKeys,
    bus,
    jobs,
    secrets: new FileSecrets(config.secrets),
    sealerFor: ground.sealerFor,
    isReady: ground.isReady,
    onClose: (end) => closers.add(end),
    close: () => closers.closeAll(),
  };
}

/** @throws {AppError} start_failed */
export async function makeDataFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o711 });
    // As root the database runs as another user, who must be able to walk in; what is secret has its own mode.
    if (process.getuid?.() === 0 && ((await stat(path)).mode & 0o001) === 0 && path === '/var/lib/whisper')
      await chmod(path, 0o711);
  } catch (cause) {
    throw new AppError('start_failed', `The data folder ${path} cannot be made: ${describeError(cause)}.`, {
      field: 'data',
      action: 'Choose another folder with --data.',
      cause,
    });
  }
}

/** The same trouble is told once in ten seconds: a connection that is refused fails thousands of times a second. */
const repeatMs = 10_000;

/** Tells the log of trouble, without drowning it. */
export function quietly(part: string, log: Logger): ReportTrouble {
  const toldMs = new Map<string, number>();
  return (error) => {
    const words = typeof error === 'string' ? error : error.message;
    const nowMs = Date.now();
    if (nowMs - (toldMs.get(words) ?? 0) < repeatMs) return;
    if (toldMs.size > 100) toldMs.clear();
    toldMs.set(words, nowMs);
    log.warn({ part, error: words }, 'connection trouble');
  };
}
