import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { withFolderLock } from '../tools/folder-lock.js';
import { bases, librariesOf, makeBases } from './base-images.js';
import { buildah, imageStore, saveImage } from './buildah.js';
import type { BuiltImage } from './whisper-image.js';

const name = 'localhost/whisper-test-redis:1';
const buildMs = 5 * 60_000;

/** This machine's own Redis as an image. */
export async function redisImage(program: string): Promise<BuiltImage> {
  const binary = realpathSync(program);
  const hash = createHash('sha256').update(bases.runtime).update(readFileSync(binary)).digest('hex').slice(0, 12);
  const archive = join(imageStore(), `redis-${hash}.tar`);
  await withFolderLock(join(imageStore(), 'build.lock'), buildMs, async () => {
    if (existsSync(archive)) return;
    await makeBases();
    const folder = mkdtempSync(join(tmpdir(), 'whisper-redis-'));
    try {
      const put = (path: string, to: string) => {
        mkdirSync(dirname(join(folder, 'root', to)), { recursive: true });
        cpSync(realpathSync(path), join(folder, 'root', to));
      };
      put(binary, '/usr/local/bin/redis-server');
      for (const library of librariesOf(binary)) put(library, library);
      writeFileSync(join(folder, 'Containerfile'), `FROM ${bases.runtime}\nCOPY root/ /\n`);
      await buildah('bud', '--quiet', '--format', 'docker', '--tag', name, folder);
      await saveImage(name, `${archive}.new`);
      renameSync(`${archive}.new`, archive);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return { name, archive };
}
