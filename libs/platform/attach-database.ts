import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '#libs/kernel/errors.js';
import { RandomIds } from '#libs/kernel/ids.js';
import { lockDataFolder } from '#libs/persistence/embedded/data-lock.js';
import { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';
import { type Database, openDatabase } from '#libs/persistence/open-database.js';
import { MasterKey } from '#libs/sources/master-key.js';
import type { Config } from './config.js';
import { installRoot } from './install-root.js';

/** What a running platform says of itself in its data folder, for the command line. */
export const RunningFile = z.object({ port: z.int(), publicUrl: z.string().nullable() });

/** Where a running platform says it. */
export function runningFile(data: string): string {
  return join(data, 'running.json');
}

/** The settings with which the platform of a data folder runs, or ran the last time. */
export async function withRunning(config: Config): Promise<Config> {
  const text = await readFile(runningFile(config.data), 'utf8').catch(() => null);
  if (text === null) return config;
  const { port, publicUrl } = RunningFile.parse(JSON.parse(text));
  return { ...config, port, ...(publicUrl === null ? {} : { publicUrl }) };
}

interface Attached {
  readonly database: Database;
  close(): Promise<void>;
}

/**
 * The database of a platform that runs, or that is only there: the embedded one is then started for a moment.
 * @throws {AppError} start_failed where there is no platform yet
 */
export async function attachDatabase(config: Config): Promise<Attached> {
  const closers: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closers.splice(0).reverse()) await end();
  };
  try {
    const adminUrl = config.databaseUrl ?? (await embeddedUrl(config, closers));
    const key = await MasterKey.open(config.secrets);
    const database = await openDatabase({
      adminUrl,
      migrationsFolder: join(installRoot(), 'migrations'),
      passwordFor: (purpose) => key.passwordFor(purpose),
      ids: new RandomIds(),
      poolSize: 2,
    });
    closers.push(() => database.close());
    return { database, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function embeddedUrl(config: Config, closers: (() => Promise<void>)[]): Promise<string> {
  const begun = await stat(join(config.data, 'postgres-password')).then(
    () => true,
    () => false,
  );
  if (!begun)
    throw new AppError('start_failed', `There is no platform in ${config.data} yet.`, {
      field: 'data',
      action: 'Start it once with `npm start`, or name its folder with --data.',
    });
  try {
    closers.push(await lockDataFolder(config.data));
  } catch (error) {
    if (error instanceof AppError && error.code === 'data_in_use') return EmbeddedPostgres.runningUrl(config.data);
    throw error;
  }
  const server = await EmbeddedPostgres.start(config.data, () => undefined);
  closers.push(() => server.stop());
  return server.url('postgres');
}
