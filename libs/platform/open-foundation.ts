import { chmod, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { Registry } from 'prom-client';
import { SystemClock } from '#libs/kernel/clock.js';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { RandomIds } from '#libs/kernel/ids.js';
import { BullJobQueue } from '#libs/messaging/bull-job-queue.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { RedisBus } from '#libs/messaging/redis-bus.js';
import { lockDataFolder } from '#libs/persistence/embedded/data-lock.js';
import { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';
import { jobsSchema, withCreateRight } from '#libs/persistence/installation.js';
import { type Database, openDatabase } from '#libs/persistence/open-database.js';
import { FileSecrets } from '#libs/sources/file-secrets.js';
import { MasterKey } from '#libs/sources/master-key.js';
import { databaseMetrics, MeasuredSessions } from '#libs/telemetry/measured-sessions.js';
import { CachedTenantProfiles } from '#libs/tenancy/app/cached-tenant-profiles.js';
import { Addresses } from './addresses.js';
import type { Config } from './config.js';
import type { Foundation } from './foundation.js';
import { installRoot } from './install-root.js';

/** The foundation with the things only a shape's own composition touches. */
export interface OpenFoundation extends Foundation {
  readonly database: Database;
  /** Ends everything in reverse order. */
  close(): Promise<void>;
}

async function makeDataFolder(path: string): Promise<void> {
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

/** This process's own internal port. */
export function internalUrl(config: Config): string {
  return `http://127.0.0.1:${config.port + 1}`;
}

/** Addresses people use: the public URL's, or this machine's own port. */
export function addressesOf(config: Config): Addresses {
  const routerUrl = config.routerUrl ?? internalUrl(config);
  if (config.publicUrl === undefined) return new Addresses('http', config.port, routerUrl);
  const url = new URL(config.publicUrl);
  return new Addresses(
    url.protocol === 'https:' ? 'https' : 'http',
    url.port === '' ? null : Number(url.port),
    routerUrl,
  );
}

/** Suffixes under which each tenant has a host by its name. */
export function hostSuffixes(config: Config): readonly string[] {
  return config.publicUrl === undefined ? ['localhost'] : [new URL(config.publicUrl).hostname, 'localhost'];
}

type Close = () => Promise<void>;

/** True when the database answers; throws when it does not. */
export async function answers(database: Database): Promise<boolean> {
  await database.dataSource.query('select 1');
  return true;
}

/** Opens everything the products stand on; on any failure what was opened is ended again. */
export async function openFoundation(config: Config, log: Logger): Promise<OpenFoundation> {
  const closers: Close[] = [];
  const close: Close = async () => {
    for (const end of closers.splice(0).reverse())
      await end().catch((error: unknown) => log.error({ error: describeError(error) }, 'could not end cleanly'));
  };
  try {
    return await open(config, log, { closers, close });
  } catch (error) {
    await close();
    throw error;
  }
}

async function adminUrlOf(config: Config, log: Logger, closers: Close[]): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  closers.push(await lockDataFolder(config.data));
  const server = await EmbeddedPostgres.start(config.data, (message) => log.warn({ embedded: true }, message));
  closers.push(() => server.stop());
  return server.url('postgres');
}

async function open(
  config: Config,
  log: Logger,
  { closers, close }: { closers: Close[]; close: Close },
): Promise<OpenFoundation> {
  await makeDataFolder(config.data);
  const key = await MasterKey.open(config.secrets);
  const clock = new SystemClock();
  const ids = new RandomIds();
  const adminUrl = await adminUrlOf(config, log, closers);
  const database = await openDatabase({
    adminUrl,
    migrationsFolder: join(installRoot(), 'migrations'),
    passwordFor: (purpose) => key.passwordFor(purpose),
    ids,
    poolSize: 20,
  });
  closers.push(() => database.close());
  const trouble = (part: string) => quietly(part, log);
  const prefix = `whisper-${database.installation.id}`;
  const bus =
    config.redisUrl === undefined
      ? new InProcessBus(trouble('bus'))
      : await RedisBus.connect(config.redisUrl, prefix, trouble('redis'));
  closers.push(() => bus.close());
  const jobs = await openJobs(config, { adminUrl, database, prefix, report: trouble('jobs') });
  closers.push(() => jobs.close());
  const metrics = new Registry();
  const sessions = new MeasuredSessions(database.sessions, databaseMetrics(metrics));
  return {
    config,
    clock,
    ids,
    log,
    metrics,
    addresses: addressesOf(config),
    directory: database.directory,
    profiles: new CachedTenantProfiles(sessions, bus, () => Date.now()),
    sessions,
    bus,
    jobs,
    secrets: new FileSecrets(config.secrets),
    sealer: key,
    onClose: (end) => void closers.push(end),
    database,
    close,
  };
}

/** The same trouble is told once in ten seconds: a connection that is refused fails thousands of times a second. */
const repeatMs = 10_000;

function quietly(part: string, log: Logger): (error: Error | string) => void {
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

interface JobSettings {
  readonly adminUrl: string;
  readonly database: Database;
  readonly prefix: string;
  readonly report: (error: Error | string) => void;
}

async function openJobs(config: Config, { adminUrl, database, prefix, report }: JobSettings): Promise<BullJobQueue> {
  if (config.redisUrl !== undefined) return BullJobQueue.onRedis(config.redisUrl, prefix, report);
  const { jobsUrl, jobsRole } = database.installation;
  await withCreateRight(adminUrl, jobsRole, () => BullJobQueue.migrate(jobsUrl, jobsSchema));
  return BullJobQueue.onPostgres(jobsUrl, jobsSchema, report);
}
