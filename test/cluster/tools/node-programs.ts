import { createHash } from 'node:crypto';
import { accessSync, constants, mkdirSync, readFileSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { programPath } from '../../support/redis-server.js';
import { withFolderLock } from './folder-lock.js';
import { goInstall } from './go-install.js';
import { cacheFolder } from './kubernetes-programs.js';

/** What a real node needs beside Kubernetes: its name server, what enforces its policies, and what holds its pods. */
const programs = ['dns', 'policy', 'pause'];

/** Two minutes were seen on two busy cores. */
const buildMs = 20 * 60_000;

type Found = string | { readonly missing: string };

/** A module of its own: it needs other versions, and a change to it must not build Kubernetes again. */
const sources = fileURLToPath(new URL('../../../../test/cluster/tools/node/', import.meta.url));
const flags = ['install', '-v', '-p', '2', '-trimpath', '-ldflags', '-s -w', './...'];

function buildFolder(): string {
  const hash = createHash('sha256').update(flags.join('\0')).update(`${process.platform}-${process.arch}`);
  for (const name of (readdirSync(sources, { recursive: true }) as string[]).sort())
    if (/\.(go|mod|sum)$/.test(name)) hash.update(name).update(readFileSync(join(sources, name)));
  return join(cacheFolder(), `node-${hash.digest('hex').slice(0, 16)}`);
}

function isComplete(folder: string): boolean {
  try {
    for (const name of programs) accessSync(join(folder, name), constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The folder of the programs `dns`, `policy` and `pause`. */
export function nodeFolder(): Found {
  const folder = buildFolder();
  if (isComplete(folder)) return folder;
  return { missing: 'not built yet: run `node dist/test/cluster/tools/build.js` (needs Go and its module proxy)' };
}

/** The same folder, built first where that can be done. */
export async function buildNodePrograms(tell: (line: string) => void): Promise<Found> {
  const found = nodeFolder();
  if (typeof found === 'string') return found;
  const go = programPath('go');
  if (go === null) return { missing: 'no go on PATH to build the programs of a node with' };
  const folder = buildFolder();
  mkdirSync(cacheFolder(), { recursive: true });
  try {
    await withFolderLock(`${folder}.lock`, buildMs, () => (isComplete(folder) ? undefined : build(go, folder, tell)));
    return folder;
  } catch (error) {
    return { missing: `Go could not build it (${String(error).slice(0, 400)})` };
  }
}

async function build(go: string, folder: string, tell: (line: string) => void): Promise<void> {
  const partial = `${folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  tell('building the programs of a node with Go: some two minutes the first time, cached from then on');
  const progress = (packages: number) => tell(`${packages} packages compiled`);
  await goInstall({ go, folder: sources, args: flags, bin: partial, timeoutMs: buildMs, tell: progress });
  rmSync(folder, { recursive: true, force: true });
  renameSync(partial, folder);
}
