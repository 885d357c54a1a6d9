import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FollowedFile } from './followed-file.js';

describe('FollowedFile', () => {
  let folder: string;
  let file: FollowedFile<number>;
  let problems: unknown[];

  /** Mounts a version as Kubernetes does: a folder of its own, and a link that is swapped to it. */
  const mount = async (version: string, text: string) => {
    await mkdir(join(folder, version));
    await writeFile(join(folder, version, 'number'), text);
    await symlink(version, join(folder, '..next'));
    await rename(join(folder, '..next'), join(folder, '..data'));
  };
  const parse = (text: string) => {
    if (!/^\d+$/.test(text)) throw new Error('not a number');
    return Number(text);
  };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whisper-mount-'));
    problems = [];
    await mount('one', '1');
    await symlink(join('..data', 'number'), join(folder, 'number'));
    file = await FollowedFile.open({ path: join(folder, 'number'), parse, report: (error) => problems.push(error) });
  });
  afterEach(async () => {
    file.close();
    await rm(folder, { recursive: true, force: true });
  });

  it('sees a version that a swapped link leads to, and tells once', async () => {
    let changes = 0;
    file.onChange(() => (changes += 1));

    await mount('two', '2');
    await file.read();
    await file.read();

    expect([file.value, changes]).toEqual([2, 1]);
  });

  it('keeps the last good version while the file is broken or gone', async () => {
    await mount('two', 'two');
    await file.read();
    await rm(join(folder, '..data'));
    await file.read();

    expect([file.value, problems]).toEqual([1, [expect.objectContaining({ message: 'not a number' })]]);
  });

  it('begins with no file that is missing or broken', async () => {
    const open = (path: string) => FollowedFile.open({ path, parse, report: () => undefined });
    await writeFile(join(folder, 'words'), 'none');

    await expect(open(join(folder, 'nowhere'))).rejects.toThrow('ENOENT');
    await expect(open(join(folder, 'words'))).rejects.toThrow('not a number');
  });
});
