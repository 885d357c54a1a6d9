import { join } from 'node:path';
import type { Logger } from 'pino';
import { RandomIds } from '#libs/kernel/ids.js';
import { BullJobQueue } from '#libs/messaging/bull-job-queue.js';
import { lockDataFolder } from '#libs/persistence/embedded/data-lock.js';
import { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';
import { jobsSchema, withCreateRight } from '#libs/persistence/installation.js';
import { type Database, openDatabase } from '#libs/persistence/open-database.js';
import { MasterKey } from '#libs/sources/master-key.js';
import { assembleFoundation, makeDataFolder, type ReportTrouble } from './assemble-foundation.js';
import { Closers } from './closers.js';
import type { Config } from './config.js';
import type { ServedFoundation } from './foundation.js';
import { installRoot } from './install-root.js';

/** The foundation of one machine, with the writing side of its database. */
export interface OpenFoundation extends ServedFoundation {
  readonly database: Database;
}

/** Opens everything the products stand on, on one machine; on any failure what was opened is ended again. */
export function openFoundation(config: Config, log: Logger): Promise<OpenFoundation> {
  const closers = new Closers(log);
  return closers.guard(() => open(config, log, closers));
}

async function adminUrlOf(config: Config, log: Logger, closers: Closers): Promise<string> {
  if (config.databaseUrl !== undefined) return config.databaseUrl;
  closers.add(await lockDataFolder(config.data));
  const server = await EmbeddedPostgres.start(config.data, (message) => log.warn({ embedded: true }, message));
  closers.add(() => server.stop());
  return server.url('postgres');
}

async function open(config: Config, log: Logger, closers: Closers): Promise<OpenFoundation> {
  await makeDataFolder(config.data);
  const key = await MasterKey.open(config.secrets);
  const ids = new RandomIds();
  const adminUrl = await adminUrlOf(config, log, closers);
  const database = await openDatabase({
    adminUrl,
    migrationsFolder: join(installRoot(), 'migrations'),
    passwordFor: (purpose) => key.passwordFor(purpose),
    ids,
    poolSize: 20,
  });
  closers.add(() => database.close());
  const prefix = `whisper-${database.installation.id}`;
  const foundation = await assembleFoundation(config, log, closers, {
    directory: database.directory,
    sessions: database.sessions,
    backends: database.backends,
    signingKeys: null,
    clusterKeys: null,
    sealerFor: (tenant) => key.forTenant(tenant),
    isReady: async () => {
      await database.dataSource.query('select 1');
      return true;
    },
    prefix,
    openJobs: (report) => openJobs(config, { adminUrl, database, prefix, report }),
    ids,
  });
  return { ...foundation, database };
}

interface JobSettings {
  readonly adminUrl: string;
  readonly database: Database;
  readonly prefix: string;
  readonly report: ReportTrouble;
}

async function openJobs(config: Config, { adminUrl, database, prefix, report }: JobSettings): Promise<BullJobQueue> {
  if (config.redisUrl !== undefined) return BullJobQueue.onRedis(config.redisUrl, prefix, report);
  const { jobsUrl, jobsRole } = database.installation;
  await withCreateRight(adminUrl, jobsRole, () => BullJobQueue.migrate(jobsUrl, jobsSchema));
  return BullJobQueue.onPostgres(jobsUrl, jobsSchema, report);
}
