import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { programPath } from '../../support/redis-server.js';
import { withFolderLock } from './folder-lock.js';
import { goInstall } from './go-install.js';
import { type Sources, installArguments, kwokStages, readSources } from './go-sources.js';

/** What a control plane without containers is made of. */
const controlPlane = ['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kwok', 'kubectl', 'helm'];
/** What one real node needs besides. */
const node = ['kubelet', 'kube-proxy'];
const stages = 'kwok.yaml';

/** Longest build, in ms: ten minutes were seen on two busy cores. */
const buildMs = 40 * 60_000;

type Found = string | { readonly missing: string };

function isComplete(folder: string, programs: readonly string[]): boolean {
  try {
    for (const name of programs) accessSync(join(folder, name), constants.X_OK);
    return existsSync(join(folder, stages));
  } catch {
    return false;
  }
}

/** Folder of everything that the tests fetch or build once. */
export function cacheFolder(): string {
  const chosen = process.env['WHISPER_TEST_CACHE'];
  if (chosen !== undefined) return chosen;
  return join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'whisper');
}

/** One folder for each state of go.mod, go.sum and the flags: an old build is never taken for a new one. */
function buildFolder(sources: Sources): string {
  const hash = createHash('sha256').update(sources.module).update(sources.sums);
  hash.update(installArguments(sources).join('\0')).update(`${process.platform}-${process.arch}`);
  return join(cacheFolder(), `kubernetes-${hash.digest('hex').slice(0, 16)}`);
}

/**
 * The folder of etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok, kubectl, helm, kubelet and
 * kube-proxy, with the file kwok.yaml: KUBEBUILDER_ASSETS where it has all but the last two, else the folder in
 * the cache that `buildKubernetes` filled.
 */
export function kubernetesFolder(): Found {
  const assets = process.env['KUBEBUILDER_ASSETS'];
  if (assets !== undefined && isComplete(assets, controlPlane)) return assets;
  const folder = buildFolder(readSources());
  if (isComplete(folder, [...controlPlane, ...node])) return folder;
  return { missing: 'not built yet: run `node dist/test/cluster/tools/build.js` (needs Go and its module proxy)' };
}

/** The same folder, built first where that can be done. `tell` hears what goes on; the build takes minutes. */
export async function buildKubernetes(tell: (line: string) => void): Promise<Found> {
  const found = kubernetesFolder();
  if (typeof found === 'string') return found;
  const go = programPath('go');
  if (go === null) return { missing: 'no go on PATH to build it with, and KUBEBUILDER_ASSETS names no whole folder' };
  const sources = readSources();
  const folder = buildFolder(sources);
  mkdirSync(cacheFolder(), { recursive: true });
  try {
    return await withFolderLock(`${folder}.lock`, buildMs, async () => {
      if (!isComplete(folder, [...controlPlane, ...node])) await build(go, sources, { folder, tell });
      return folder;
    });
  } catch (error) {
    return { missing: `Go could not build it (${String(error).slice(0, 400)})` };
  }
}

async function build(go: string, sources: Sources, to: { folder: string; tell: (line: string) => void }) {
  const startedAt = Date.now();
  const seconds = () => ((Date.now() - startedAt) / 1000).toFixed(0);
  const partial = `${to.folder}.partial`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { recursive: true });
  to.tell('building the Kubernetes programs with Go: some ten minutes the first time, cached from then on');
  await goInstall({
    go,
    folder: sources.folder,
    args: installArguments(sources),
    bin: partial,
    timeoutMs: buildMs,
    tell: (packages) => to.tell(`${packages} packages compiled after ${seconds()} s`),
  });
  // The tool is named after its package.
  renameSync(join(partial, 'server'), join(partial, 'etcd'));
  writeFileSync(join(partial, stages), kwokStages(go, sources));
  rmSync(to.folder, { recursive: true, force: true });
  renameSync(partial, to.folder);
  to.tell(`built the Kubernetes programs in ${seconds()} s`);
}
