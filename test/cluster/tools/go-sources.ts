import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The module that pins the programs. */
export interface Sources {
  readonly folder: string;
  readonly module: string;
  readonly sums: string;
}

/** go.mod and go.sum lie beside the sources of this file; what is compiled lies in dist. */
export function readSources(): Sources {
  const folder = fileURLToPath(new URL('../../../../test/cluster/tools/', import.meta.url));
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  return { folder, module: read('go.mod'), sums: read('go.sum') };
}

function versionOf(sources: Sources, module: string): string {
  const line = sources.module.split('\n').find((text) => text.trim().startsWith(`${module} v`));
  if (line === undefined) throw new Error(`go.mod requires no ${module}`);
  return line.trim().split(' ')[1] ?? '';
}

/** The programs tell their own version only when it is linked in. The date is fixed: it would undo the cache. */
function linkerFlags(sources: Sources): string {
  const kubernetes = versionOf(sources, 'k8s.io/kubernetes');
  const [major, minor] = kubernetes.slice(1).split('.');
  const values = {
    gitVersion: kubernetes,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    gitCommit: 'unknown',
    buildDate: '2026-01-01T00:00:00Z',
  };
  const stamps = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((place) =>
    Object.entries(values).map(([name, value]) => `-X ${place}.${name}=${value}`),
  );
  return [
    '-s -w',
    `-X sigs.k8s.io/kwok/pkg/consts.Version=${versionOf(sources, 'sigs.k8s.io/kwok').slice(1)}`,
    `-X helm.sh/helm/v4/internal/version.version=${versionOf(sources, 'helm.sh/helm/v4')}`,
    ...stamps,
  ].join(' ');
}

/** Two compilers at once: more would take the machine from whatever else runs. */
export function installArguments(sources: Sources): string[] {
  return ['install', '-v', '-p', '2', '-trimpath', '-ldflags', linkerFlags(sources), 'tool'];
}

/** How kwok's nodes and pods live: the "fast" stages of its own module. Without any, kwok ends at once. */
export function kwokStages(go: string, sources: Sources): string {
  const folder = execFileSync(go, ['list', '-m', '-f', '{{.Dir}}', 'sigs.k8s.io/kwok'], {
    cwd: sources.folder,
    env: { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '' },
    encoding: 'utf8',
  }).trim();
  const stage = (...parts: string[]) => join(folder, 'kustomize', 'stage', ...parts);
  const all = (path: string) =>
    readdirSync(path)
      .filter((name) => name.endsWith('.yaml') && name !== 'kustomization.yaml')
      .sort()
      .map((name) => join(path, name));
  const files = [
    stage('node', 'fast', 'node-initialize.yaml'),
    ...all(stage('node', 'heartbeat-with-lease')),
    ...all(stage('pod', 'fast')),
  ];
  return files.map((file) => readFileSync(file, 'utf8')).join('\n---\n');
}
