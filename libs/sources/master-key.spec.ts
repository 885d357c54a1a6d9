import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RandomIds, tenantId } from '#libs/kernel/ids.js';
import { MasterKey } from './master-key.js';

const ids = new RandomIds();

describe('MasterKey', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whisper-key-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('opens what it sealed, also after a new start', async () => {
    const sealed = (await MasterKey.open(folder)).seal('a secret', 'acme/backend');

    expect((await MasterKey.open(folder)).open(sealed, 'acme/backend')).toBe('a secret');
  });

  it('refuses to open for another context, or with a changed letter', async () => {
    const key = await MasterKey.open(folder);
    const sealed = key.seal('a secret', 'acme/backend');
    const last = sealed.at(-2) === 'A' ? 'B' : 'A';

    expect(() => key.open(sealed, 'globex/backend')).toThrow('cannot be opened');
    expect(() => key.open(`${sealed.slice(0, -2)}${last}${sealed.slice(-1)}`, 'acme/backend')).toThrow(
      'cannot be opened',
    );
  });

  it('ends with one key when two first starts race', async () => {
    const [one, two] = await Promise.all([MasterKey.open(folder), MasterKey.open(folder)]);

    expect(one.passwordFor('app')).toBe(two.passwordFor('app'));
  });

  it('gives a tenant a key of its own, which its pods open by themselves', async () => {
    const key = await MasterKey.open(folder);
    const [acme, globex] = [tenantId(ids.next()), tenantId(ids.next())];
    const sealed = key.forTenant(acme).seal('a secret', 'backend');
    const mounted = await mkdtemp(join(tmpdir(), 'whisper-mounted-'));
    await writeFile(join(mounted, 'master-key'), `${key.forTenant(acme).toText()}\n`, { mode: 0o444 });

    const own = await MasterKey.read(mounted);

    expect(own.open(sealed, 'backend')).toBe('a secret');
    expect(() => key.forTenant(globex).open(sealed, 'backend')).toThrow('cannot be opened');
    expect(() => key.open(sealed, 'backend')).toThrow('cannot be opened');
    await rm(mounted, { recursive: true, force: true });
  });

  it('makes no key where somebody else should have put one', async () => {
    await expect(MasterKey.read(folder)).rejects.toMatchObject({ code: 'start_failed', field: 'secrets' });
  });

  it('keeps the key to its owner', async () => {
    await MasterKey.open(folder);

    expect((await stat(join(folder, 'master-key'))).mode & 0o077).toBe(0);
  });
});
