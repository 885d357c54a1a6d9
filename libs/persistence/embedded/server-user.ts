import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/**
 * The user PostgreSQL runs as when we are root, which it refuses. A number of its own that no account of the
 * machine has by default, so that no other service can read its files.
 */
const serverUid = 34_780;

/** The uid to run the server as, or null to run it as ourselves. */
export function serverUser(): number | null {
  return process.getuid?.() === 0 ? serverUid : null;
}

/** The first folder on the way to `path` that `uid` cannot walk through, or null. */
export async function untraversable(path: string, uid: number): Promise<string | null> {
  const folders: string[] = [];
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    folders.unshift(folder);
    if (folder === dirname(folder)) break;
  }
  for (const folder of folders) {
    const { mode, uid: owner, gid } = await stat(folder);
    const bit = owner === uid ? 0o100 : gid === uid ? 0o010 : 0o001;
    if ((mode & bit) === 0) return folder;
  }
  return null;
}
