import { fetchLlama } from './llama-engine.js';
import { buildKubernetes } from '../cluster/tools/kubernetes-programs.js';
import { buildNodePrograms } from '../cluster/tools/node-programs.js';

/** Suites that need an inference engine, as paths of the compiled output. */
const llamaSuites = ['dist/test/e2e/browser-llama', 'dist/test/e2e/router-llama'];
/** Suites that need a real control plane. */
const clusterSuites = ['dist/test/cluster/', 'dist/test/conformance/kube-'];
/** Suites that run on a real node. */
const nodeSuites = ['dist/test/cluster/node/'];

function mayRun(path: string, patterns: readonly string[]): boolean {
  return (
    patterns.length === 0 ||
    patterns.some((pattern) => path.startsWith(pattern) || pattern.includes(path) || new RegExp(pattern).test(path))
  );
}

/**
 * Fetches and builds what the suites of this run will want, before they start: within a suite the minutes of a first
 * time would count against it. `patterns` are those of the command line.
 */
export async function prepareComponents(patterns: readonly string[]): Promise<void> {
  const tell = (line: string) => console.error(`whisper: ${line}`);
  if (llamaSuites.some((path) => mayRun(path, patterns))) {
    const found = await fetchLlama();
    if (typeof found !== 'string') tell(`without an inference engine: ${found.missing}`);
  }
  if (clusterSuites.some((path) => mayRun(path, patterns))) {
    const found = await buildKubernetes(tell);
    if (typeof found !== 'string') tell(`without a Kubernetes control plane: ${found.missing}`);
  }
  if (nodeSuites.some((path) => mayRun(path, patterns))) {
    const found = await buildNodePrograms(tell);
    if (typeof found !== 'string') tell(`without the programs of a node: ${found.missing}`);
  }
}
