import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { namespaceOf } from '#operator/resources/names.js';
import { type ClusterOptions, clusterTenant, withCluster } from './cluster.js';

/** Longest wait for a pod to do its work, in ms: it opens its database for that. */
const podMs = 60_000;

/** Where the pods of a tenant are. */
export interface PodOptions extends ClusterOptions {
  /** Of the operator. */
  readonly namespace: string;
}

/** Runs this command line in a pod of the tenant, by kubectl: only the tenant's own pods reach its data. */
export async function runInPod(options: PodOptions, tenant: string, words: readonly string[]): Promise<string> {
  const { spec } = await withCluster(options, (client) => clusterTenant(client, tenant));
  const isPooled = typeof spec === 'object' && spec !== null && 'isolation' in spec && spec.isolation === 'pooled';
  const { kubeconfig, context, namespace } = options;
  const place = isPooled ? [namespace, 'deployment/whisper-chat'] : [namespaceOf(tenant), 'deployment/chat'];
  const args = [
    ...(kubeconfig === undefined ? [] : ['--kubeconfig', kubeconfig]),
    ...(context === undefined ? [] : ['--context', context]),
    'exec',
    '--namespace',
    ...place,
    '--',
    'node',
    'apps/cli/whisper.mjs',
    ...words,
  ];
  try {
    return (await promisify(execFile)('kubectl', args, { timeout: podMs })).stdout;
  } catch (error) {
    throw new AppError('cluster_unavailable', `kubectl exec failed: ${describeError(error)}`, { cause: error });
  }
}
