import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { programPath } from '../../support/redis-server.js';
import type { Component } from '../../support/components.js';
import { cacheFolder } from '../tools/kubernetes-programs.js';

const run = promisify(execFile);

/** Longest build, in ms: fetching the dependencies is a minute of it. */
const longestMs = 10 * 60_000;
const outputBytes = 64 * 1024 * 1024;

/** Builds container images without a daemon. Needs root: its layers are mounted. */
export const buildahProgram: Component = {
  name: 'buildah',
  find() {
    if (process.getuid?.() !== 0) return { missing: 'images are built as root' };
    return programPath('buildah') ?? { missing: 'no buildah on PATH' };
  },
};

/** Folder of the layers that buildah keeps between runs. */
export function imageStore(): string {
  const folder = join(cacheFolder(), 'images');
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * Calls buildah on a store of its own, and by a policy of its own: nothing here is signed.
 * @returns what it printed
 */
export async function buildah(...args: readonly string[]): Promise<string> {
  const store = imageStore();
  const policy = join(store, 'policy.json');
  writeFileSync(policy, JSON.stringify({ default: [{ type: 'insecureAcceptAnything' }] }));
  const [command = '', ...rest] = args;
  const signed = ['bud', 'push'].includes(command) ? ['--signature-policy', policy] : [];
  const all = ['--root', join(store, 'root'), '--runroot', join(store, 'run'), '--storage-driver', 'overlay'];
  const { stdout } = await run('buildah', [...all, command, ...signed, ...rest], {
    maxBuffer: outputBytes,
    timeout: longestMs,
  });
  return stdout;
}

/** Writes an image to `file`, in the form that containerd imports. */
export async function saveImage(name: string, file: string): Promise<void> {
  await buildah('push', '--quiet', name, `docker-archive:${file}:${name}`);
}
