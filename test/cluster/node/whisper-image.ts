import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { withFolderLock } from '../tools/folder-lock.js';
import { bases, makeBases } from './base-images.js';
import { buildah, imageStore, saveImage } from './buildah.js';

/** An image, and the file that containerd takes it from. */
export interface BuiltImage {
  readonly name: string;
  readonly archive: string;
}

const buildMs = 15 * 60_000;

/** What the Containerfile copies; .containerignore says the same to the builder. */
function sourcesOf(root: string): string[] {
  const ignore = readFileSync(join(root, '.containerignore'), 'utf8').split('\n');
  const kept = ignore.filter((line) => line.startsWith('!')).map((line) => line.slice(1));
  return ['Containerfile', '.containerignore', ...kept];
}

function* filesOf(path: string): Generator<string> {
  if (!existsSync(path)) return;
  if (!statSync(path).isDirectory()) return yield path;
  for (const name of readdirSync(path).sort())
    if (name !== 'node_modules' && !name.endsWith('.spec.ts')) yield* filesOf(join(path, name));
}

function hashOf(root: string): string {
  const hash = createHash('sha256').update(process.version);
  for (const source of sourcesOf(root))
    for (const file of filesOf(join(root, source))) hash.update(file.slice(root.length)).update(readFileSync(file));
  return hash.digest('hex').slice(0, 12);
}

/** What npm needs from this machine: what it fetched before, and the authority of the registry where there is an own one. */
function npmMounts(folder: string): string[] {
  const cache = join(homedir(), '.npm');
  const mounts = existsSync(cache) ? ['--volume', `${cache}:/root/.npm:rw`] : [];
  const authority = process.env['NODE_EXTRA_CA_CERTS'];
  if (authority === undefined) return mounts;
  const settings = join(folder, 'npmrc');
  writeFileSync(settings, 'cafile=/root/authority.pem\nprefer-offline=true\n');
  return [...mounts, '--volume', `${authority}:/root/authority.pem:ro`, '--volume', `${settings}:/root/.npmrc:ro`];
}

async function build(root: string, name: string, hash: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'whisper-image-'));
  try {
    await makeBases();
    const args = ['--build-arg', `BUILD_IMAGE=${bases.build}`, '--build-arg', `RUNTIME_IMAGE=${bases.runtime}`];
    const how = [
      '--isolation',
      'chroot',
      '--format',
      'docker',
      '--layers',
      '--network',
      'host',
      // npm opens the index of its cache for many packages at once.
      '--ulimit',
      'nofile=4096:4096',
    ];
    const stamp = ['--build-arg', `REVISION=${hash}`, '--tag', name, '--ignorefile', join(root, '.containerignore')];
    await buildah('bud', ...how, ...args, ...stamp, ...npmMounts(folder), '--file', join(root, 'Containerfile'), root);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Archives of other states of the sources would fill the disk. */
function removeOthers(archive: string): void {
  for (const name of readdirSync(imageStore()))
    if (/^whisper-[0-9a-f]+\.tar$/.test(name) && join(imageStore(), name) !== archive) rmSync(join(imageStore(), name));
}

/** The image of the sources as they are, built by the Containerfile unless it was built before. */
export async function whisperImage(): Promise<BuiltImage> {
  const root = installRoot();
  const hash = hashOf(root);
  const name = `localhost/whisper:${hash}`;
  const archive = join(imageStore(), `whisper-${hash}.tar`);
  await withFolderLock(join(imageStore(), 'build.lock'), buildMs, async () => {
    if (existsSync(archive)) return;
    await build(root, name, hash);
    rmSync(`${archive}.new`, { force: true });
    await saveImage(name, `${archive}.new`);
    renameSync(`${archive}.new`, archive);
    removeOthers(archive);
  });
  return { name, archive };
}
