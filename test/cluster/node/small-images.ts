import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { withFolderLock } from '../tools/folder-lock.js';
import { buildah, imageStore, saveImage } from './buildah.js';
import { nodeImages } from './node-place.js';
import type { BuiltImage } from './whisper-image.js';

const buildMs = 5 * 60_000;

/** An image of one program that is linked to nothing. */
async function programImage(name: string, program: string): Promise<BuiltImage> {
  const file = basename(program);
  const hash = createHash('sha256').update(name).update(readFileSync(program)).digest('hex').slice(0, 12);
  const archive = join(imageStore(), `${file}-${hash}.tar`);
  await withFolderLock(join(imageStore(), 'build.lock'), buildMs, async () => {
    if (existsSync(archive)) return;
    const folder = mkdtempSync(join(tmpdir(), 'whisper-program-'));
    try {
      cpSync(program, join(folder, file));
      writeFileSync(join(folder, 'Containerfile'), `FROM scratch\nCOPY ${file} /${file}\nENTRYPOINT ["/${file}"]\n`);
      await buildah('bud', '--quiet', '--format', 'docker', '--tag', name, folder);
      await saveImage(name, `${archive}.new`);
      renameSync(`${archive}.new`, archive);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
  return { name, archive };
}

/** What every node needs: the image that holds a pod, and the name server. */
export async function nodeOwnImages(programs: string): Promise<readonly BuiltImage[]> {
  return [
    await programImage(nodeImages.pause, join(programs, 'pause')),
    await programImage(nodeImages.dns, join(programs, 'dns')),
  ];
}
