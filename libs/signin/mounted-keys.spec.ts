import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FollowedFile } from '#libs/kernel/followed-file.js';
import { RandomIds, userId } from '#libs/kernel/ids.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { memoryTenant, MemoryTenants } from '#test/fakes/memory-tenants.js';
import { MountedKeys, makeServiceKeys, readServiceKeys, rotateServiceKeys } from './mounted-keys.js';
import { JwtServiceTokenIssuer, JwtServiceTokenVerifier, localKeys } from './service-tokens.js';

const ids = new RandomIds();
const newKid = () => ids.next();

describe('service keys that replicas mount', () => {
  let folder: string;
  let text: string;
  let files: FollowedFile<Awaited<ReturnType<typeof readServiceKeys>>>[];
  const clock = new ManualClock();
  const tenants = new MemoryTenants();
  const acme = tenants.add(memoryTenant('acme'));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'whisper-keys-'));
    files = [];
    text = await makeServiceKeys(newKid);
  });
  afterEach(async () => {
    for (const file of files) file.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** A process of its own, with the file as it was mounted there at its last look. */
  const replica = async () => {
    const path = join(folder, `keys-${files.length}`);
    await writeFile(path, text);
    const file = await FollowedFile.open({ path, parse: readServiceKeys, report: () => undefined });
    files.push(file);
    const keys = new MountedKeys(file);
    const issuer = new JwtServiceTokenIssuer('chat', keys, clock);
    return {
      token: () => issuer.issue({ audience: 'router', tenant: acme, actor: userId(ids.next()) }),
      verify: (token: string) => new JwtServiceTokenVerifier(localKeys(keys), tenants, clock).verify(token, 'router'),
      published: async () => (await issuer.jwks()).keys,
      remount: async () => {
        await writeFile(path, text);
        await file.read();
      },
    };
  };

  it('let every replica believe what another one signed', async () => {
    const [one, two] = [await replica(), await replica()];

    await expect(two.verify(await one.token())).resolves.toMatchObject({ service: 'chat', tenant: acme });
    await expect(one.verify(await two.token())).resolves.toMatchObject({ service: 'chat', tenant: acme });
  });

  it('turn while one replica still has the old file, with tokens of both believed by both', async () => {
    const [early, late] = [await replica(), await replica()];
    const before = await early.token();

    text = await rotateServiceKeys(text, newKid);
    await early.remount();

    await expect(late.verify(await early.token())).resolves.toMatchObject({ service: 'chat' });
    await expect(early.verify(await late.token())).resolves.toMatchObject({ service: 'chat' });
    await expect(early.verify(before)).resolves.toMatchObject({ service: 'chat' });
  });

  it('are forgotten two turns later', async () => {
    const process = await replica();
    const [{ kid } = { kid: '' }] = await process.published();

    text = await rotateServiceKeys(await rotateServiceKeys(text, newKid), newKid);
    await process.remount();

    expect((await process.published()).map((key) => key['kid'])).not.toContain(kid);
  });

  it('never publish their private halves', async () => {
    expect((await (await replica()).published()).flatMap((key) => Object.keys(key))).not.toContain('d');
  });

  it('refuse a file that is none', async () => {
    await expect(readServiceKeys('{"keys":[]}')).rejects.toThrow('keys');
    await expect(readServiceKeys('{"keys":[{"kty":"RSA"}]}')).rejects.toThrow('OKP');
  });
});
