import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { lockDataFolder } from './data-lock.js';

describe('the lock of a data folder', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whisper-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('is refused while a process holds it, and free when that gives it back', async () => {
    const release = await lockDataFolder(folder);

    await expect(lockDataFolder(folder)).rejects.toMatchObject({
      code: 'data_in_use',
      message: expect.stringContaining(String(process.pid)),
    });
    await release();
    await (
      await lockDataFolder(folder)
    )();
  });

  it.each([
    ['a process that is gone', '4194303 1'],
    ['a later process with the same number', `${process.pid} 1`],
    ['nobody', ''],
  ])('is taken over from %s', async (_case, line) => {
    await writeFile(join(folder, 'whisper.lock'), line);

    const release = await lockDataFolder(folder);

    expect(await readFile(join(folder, 'whisper.lock'), 'utf8')).toMatch(new RegExp(`^${process.pid} `));
    await release();
  });

  // Other systems have no /proc, and there only the number tells.
  if (process.platform === 'linux')
    it('is taken over from a process that ended and whose parent has not asked for it', async () => {
      // The inner shell ends once the outer one has become a program that never asks for its children.
      const child = spawn('/bin/sh', [
        '-c',
        'sh -c \'echo "$$ $(cut -d" " -f22 /proc/$$/stat)"; sleep 0.05\' & exec sleep 20',
      ]);
      const [line] = (await once(child.stdout, 'data')) as [Buffer];
      await writeFile(join(folder, 'whisper.lock'), line);
      const pid = line.toString().split(' ')[0];
      for (let state = ''; state !== 'Z';)
        state = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.[0] ?? 'Z';

      const release = await lockDataFolder(folder);

      await release();
      child.kill();
    });
});
