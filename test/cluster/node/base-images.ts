import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { programPath } from '../../support/redis-server.js';
import { buildah } from './buildah.js';

/** Names of the bases, for the ARGs of the Containerfile. */
export const bases = { build: 'localhost/whisper-base-build:2', runtime: 'localhost/whisper-base:2' } as const;

/** What the RUN lines of the Containerfile, npm and the tests call. */
const tools = ['sh', 'env', 'cat', 'ls', 'mkdir', 'rm', 'ln', 'cp', 'chmod', 'chown', 'id', 'sleep', 'test'];

/** Opened by name at run time, so that no program lists them. */
const openedLater = [
  'libnss_files.so.2',
  'libnss_dns.so.2',
  'libresolv.so.2',
  'libstdc++.so.6',
  'libgcc_s.so.1',
  'librt.so.1',
];

const files: Readonly<Record<string, string>> = {
  'etc/passwd': 'root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/bin/false\n',
  'etc/group': 'root:x:0:\nnogroup:x:65534:\n',
  'etc/nsswitch.conf': 'passwd: files\ngroup: files\nhosts: files dns\n',
};

/** Paths of the libraries that a program is linked to. */
export function librariesOf(program: string): string[] {
  const lines = execFileSync('ldd', [program], { encoding: 'utf8' }).split('\n');
  return lines.flatMap((line) => /(\/\S+\.so\S*) \(/.exec(line)?.slice(1, 2) ?? []);
}

function copy(folder: string, path: string, to = path): void {
  const target = join(folder, to);
  mkdirSync(dirname(target), { recursive: true });
  if (!existsSync(target)) cpSync(realpathSync(path), target, { preserveTimestamps: true });
}

/** A root folder with this machine's Node and what it is linked to. */
function layRoot(folder: string): void {
  const node = realpathSync(process.execPath);
  const programs = tools.flatMap((name) => programPath(name) ?? []);
  copy(folder, node, '/usr/local/bin/node');
  for (const program of programs) copy(folder, program, join('/bin', program.split('/').at(-1) ?? ''));
  const libraries = new Set([node, ...programs].flatMap(librariesOf));
  const place = dirname([...libraries].find((path) => path.includes('libc.so')) ?? '/lib/libc.so');
  for (const library of [
    ...libraries,
    ...openedLater.map((name) => join(place, name)),
    '/usr/lib/x86_64-linux-gnu/libstdc++.so.6',
  ])
    if (existsSync(library)) copy(folder, library);
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  for (const name of ['tmp', 'root', 'proc', 'sys', 'dev', 'var/lib', 'usr/bin', 'usr/local/lib'])
    mkdirSync(join(folder, name), { recursive: true });
  chmodSync(join(folder, 'tmp'), 0o1777);
  symlinkSync('/bin/env', join(folder, 'usr/bin/env'));
}

function addNpm(folder: string): void {
  const npm = join(dirname(realpathSync(process.execPath)), '..', 'lib', 'node_modules', 'npm');
  cpSync(npm, join(folder, 'usr/local/lib/node_modules/npm'), { recursive: true });
  symlinkSync('../lib/node_modules/npm/bin/npm-cli.js', join(folder, 'usr/local/bin/npm'));
}

async function makeBase(name: string, equip: (folder: string) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'whisper-base-'));
  try {
    const root = join(folder, 'root');
    mkdirSync(root);
    layRoot(root);
    equip(root);
    writeFileSync(join(folder, 'Containerfile'), 'FROM scratch\nCOPY root/ /\nENV PATH=/usr/local/bin:/usr/bin:/bin\n');
    await buildah('bud', '--quiet', '--layers=false', '--tag', name, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes both bases from this machine's own Node: no registry of images is needed. */
export async function makeBases(): Promise<void> {
  const present = await buildah('images', '--format', '{{.Name}}:{{.Tag}}');
  const isThere = (name: string) => present.split('\n').includes(name);
  if (!isThere(bases.build)) await makeBase(bases.build, addNpm);
  if (!isThere(bases.runtime)) await makeBase(bases.runtime, () => undefined);
}
