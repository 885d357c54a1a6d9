import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FileSecrets } from './file-secrets.js';

describe('secrets of a folder', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whisper-secrets-'));
    await mkdir(join(folder, 'acme', 'oidc'), { recursive: true });
    await writeFile(join(folder, 'acme', 'oidc', 'value'), 'nested\n');
    await writeFile(join(folder, 'globex.oidc.client.secret'), 'flat');
    await writeFile(join(folder, 'acme.oidc.value'), 'the nested one wins');
  });
  afterAll(() => rm(folder, { recursive: true }));

  it.each([
    ['a file of its own', 'acme', { name: 'oidc', key: 'value' }, 'nested'],
    ['a key of a Secret that is mounted whole', 'globex', { name: 'oidc', key: 'client.secret' }, 'flat'],
    ['none of another tenant', 'globex', { name: 'oidc', key: 'value' }, null],
    ['none by a path', 'acme', { name: 'oidc', key: '../oidc/value' }, null],
    ['none of an owner that would reach further', 'globex.oidc', { name: 'client', key: 'secret' }, null],
  ])('are found as %s', async (_case, owner, ref, expected) => {
    expect(await new FileSecrets(folder).read(owner, ref)).toBe(expected);
  });
});
