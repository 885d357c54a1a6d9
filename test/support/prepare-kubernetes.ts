import { buildKubernetes } from '../cluster/tools/kubernetes-programs.js';

/** Suites that need a real control plane, as paths of the compiled output. */
const clusterSuites = ['dist/test/cluster/', 'dist/test/conformance/kube-'];

function mayRun(path: string, patterns: readonly string[]): boolean {
  return (
    patterns.length === 0 ||
    patterns.some((pattern) => path.startsWith(pattern) || pattern.includes(path) || new RegExp(pattern).test(path))
  );
}

/**
 * Builds the programs of a control plane before the suites start, where one of them will want it: inside a suite the
 * minutes of a first build would count against its time. `patterns` are those of the command line.
 */
export async function prepareKubernetes(patterns: readonly string[]): Promise<void> {
  if (!clusterSuites.some((path) => mayRun(path, patterns))) return;
  const found = await buildKubernetes((line) => console.error(`whisper: ${line}`));
  if (typeof found !== 'string') console.error(`whisper: without a Kubernetes control plane: ${found.missing}`);
}
