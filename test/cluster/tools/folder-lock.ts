import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const pollMs = 250;

/** Whether a process of that number is there. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Makes the lock; a lock whose holder has died is removed, for the next try. */
function take(path: string): boolean {
  try {
    mkdirSync(path);
    writeFileSync(join(path, 'pid'), String(process.pid));
    return true;
  } catch {
    const pid = holder(path);
    if (pid !== null && !isAlive(pid)) rmSync(path, { recursive: true, force: true });
    return false;
  }
}

function holder(path: string): number | null {
  try {
    return Number(readFileSync(join(path, 'pid'), 'utf8'));
  } catch {
    return null;
  }
}

/** Runs `work` while no other process holds the folder `path`; waits for it up to `timeoutMs`. */
export async function withFolderLock<Value>(
  path: string,
  timeoutMs: number,
  work: () => Value | Promise<Value>,
): Promise<Value> {
  const end = Date.now() + timeoutMs;
  while (!take(path)) {
    if (Date.now() > end) throw new Error(`another process holds ${path}`);
    await new Promise((resolve) => setTimeout(resolve, pollMs));
  }
  try {
    return await work();
  } finally {
    rmSync(path, { recursive: true, force: true });
  }
}
