import { basename } from 'node:path';
import type { Command } from 'commander';
import { AppError } from '#libs/kernel/errors.js';
import { ownResources, tenantKind } from '#operator/kinds.js';
import { KubeClient } from '#operator/runtime/client.js';
import { KubeApiError } from '#operator/runtime/kube-api-error.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { ResourceTable } from '#operator/runtime/resource-table.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { KubeTransport } from '#operator/runtime/transport.js';

/** Which cluster a command speaks to. */
export interface ClusterOptions {
  readonly kubeconfig?: string;
  readonly context?: string;
}

/** Whether a command that also knows this machine is meant for a cluster: it is named, or we are `kubectl whisper`. */
export function isForCluster({ kubeconfig, context }: ClusterOptions): boolean {
  return kubeconfig !== undefined || context !== undefined || basename(process.argv[1] ?? '').startsWith('kubectl-');
}

/** Options of every command that speaks to a cluster. */
export function addClusterOptions(command: Command): Command {
  return command
    .option('--kubeconfig <file>', 'kubeconfig of the cluster; left out: $KUBECONFIG, else ~/.kube/config')
    .option('--context <name>', 'context of the kubeconfig');
}

/**
 * Runs `work` with the API server of the options, and lets go of it whatever happens.
 * @throws {AppError} cluster_unavailable with what the API server said
 */
export async function withCluster<Result>(
  options: ClusterOptions,
  work: (client: KubeClient) => Promise<Result>,
): Promise<Result> {
  const { kubeconfig, context } = options;
  // Half a second to load, which commands on this machine need not wait for.
  const { connectionOf } = await import('#operator/runtime/kubeconfig.js');
  try {
    const connection = connectionOf({
      ...(kubeconfig === undefined ? {} : { path: kubeconfig }),
      ...(context === undefined ? {} : { context }),
    });
    const transport = new KubeTransport({ connection, timers: new SystemTimers(), userAgent: 'whisper-cli' });
    try {
      return await work(new KubeClient(transport, new ResourceTable(transport, ownResources)));
    } finally {
      transport.close();
    }
  } catch (error) {
    if (!(error instanceof KubeApiError)) throw error;
    throw new AppError('cluster_unavailable', `The cluster said: ${error.message}.`, { cause: error });
  }
}

/** @throws {AppError} not_found naming the tenants there are */
export async function clusterTenant(client: KubeClient, name: string): Promise<KubeObject> {
  const found = await client.find({ ...tenantKind, name });
  if (found !== null) return found;
  const { items } = await client.list(tenantKind);
  throw new AppError('not_found', `There is no tenant "${name}" in this cluster.`, {
    field: 'tenant',
    action: `There are: ${items.map(({ metadata }) => metadata.name).join(', ') || 'none'}.`,
  });
}
