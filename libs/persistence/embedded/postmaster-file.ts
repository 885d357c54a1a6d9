import { readFile, readlink, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '#libs/kernel/abort.js';

/** The process that postmaster.pid of a cluster names, if it really is that cluster's server. */
async function orphan(cluster: string): Promise<number | null> {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => null);
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 1) return null;
  try {
    process.kill(pid, 0);
  } catch {
    return null;
  }
  if (process.platform !== 'linux') return pid;
  // A postmaster's working folder is its cluster; anything else only has the number of one that died.
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => null);
  return folder !== null && folder === (await realpath(cluster)) ? pid : null;
}

/**
 * Clears what an earlier start left: a server that outlived its parent is shut down (SIGINT: fast, after a
 * checkpoint), and a lock file without a server is removed.
 */
export async function clearLeftovers(cluster: string): Promise<void> {
  const pid = await orphan(cluster);
  if (pid !== null) {
    process.kill(pid, 'SIGINT');
    // A fast shutdown writes a checkpoint; 10 s cover 1 GB of dirty pages on a slow disk.
    for (let waited = 0; waited < 10_000 && (await orphan(cluster)) !== null; waited += 25) await pause(25);
  }
  if ((await orphan(cluster)) === null) await rm(join(cluster, 'postmaster.pid'), { force: true });
}
