import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pause } from '#libs/kernel/abort.js';
import { AppError } from '#libs/kernel/errors.js';

/**
 * Start time of a process in clock ticks, which tells it from a later one with the same number; `dead` of one that
 * ended and that its parent has not asked for, null where unknown.
 */
async function startTicks(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The second field, the command in parentheses, may hold spaces; the state is field 3, the start time field 22.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return fields[0] === 'Z' ? 'dead' : (fields[19] ?? null);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function holds(line: string): Promise<boolean> {
  const [pidText = '', ticks = ''] = line.trim().split(' ');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0 || !isAlive(pid)) return false;
  const now = await startTicks(pid);
  if (now === 'dead') return false;
  return now === null || ticks === 'unknown' || now === ticks;
}

/**
 * Takes the data folder for this process, so that two starts never run on the same data. A lock left by a dead
 * process is taken over; of two that try at once, one wins.
 * @returns what gives it back
 * @throws {AppError} data_in_use naming the process that has it
 */
export async function lockDataFolder(folder: string): Promise<() => Promise<void>> {
  const path = join(folder, 'whisper.lock');
  const own = join(folder, `.whisper.lock.${process.pid}`);
  const line = `${process.pid} ${(await startTicks(process.pid)) ?? 'unknown'}\n`;
  await writeFile(own, line, { mode: 0o600 });
  try {
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const taken = await link(own, path).then(
        () => true,
        (error: NodeJS.ErrnoException) => {
          if (error.code === 'EEXIST') return false;
          throw error;
        },
      );
      if (taken) return () => rm(path, { force: true });
      const holder = await readFile(path, 'utf8').catch(() => '');
      if (holder !== '' && (await holds(holder)))
        throw new AppError('data_in_use', `Another Whisper (process ${holder.split(' ')[0]}) runs on ${folder}.`);
      // Renaming is atomic: of two that see the stale lock, one gets it and the other finds it gone.
      const stale = join(folder, `.whisper.lock.stale.${process.pid}`);
      await rename(path, stale).catch(() => undefined);
      const moved = await readFile(stale, 'utf8').catch(() => holder);
      if (moved !== holder) await link(stale, path).catch(() => undefined);
      await rm(stale, { force: true });
      await pause(20);
    }
    throw new AppError('data_in_use', `The lock of ${folder} changes hands all the time.`);
  } finally {
    await rm(own, { force: true });
  }
}
