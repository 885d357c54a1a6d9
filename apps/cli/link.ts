import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Command } from 'commander';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { namespaceOf } from '#operator/resources/names.js';
import { addClusterOptions, type ClusterOptions, clusterTenant, isForCluster, withCluster } from './cluster.js';
import { tenantNamed, withPlatform } from './with-platform.js';

interface Options extends ClusterOptions {
  readonly tenant: string;
  readonly namespace: string;
}

/** Longest wait for a pod to make a link, in ms: it opens its database for that. */
const podMs = 60_000;

/** `whisper link`: a way in for the owner. Standard output has the link and nothing else. */
export function addLink(program: Command): void {
  addClusterOptions(
    program
      .command('link')
      .description("print a one-time sign-in link of a tenant's owner; it works for 15 minutes")
      .requiredOption('--tenant <name>', 'name of the tenant')
      .option('--namespace <name>', 'in a cluster: namespace of the operator', 'whisper-system'),
  ).action(async (options: Options, command: Command) => {
    if (isForCluster(options)) return void process.stdout.write(await linkOfPod(options));
    return withPlatform(command, async (attached) => {
      const { url } = await attached.identity.issueOwnerLink(await tenantNamed(attached, options.tenant));
      process.stdout.write(`${url}\n`);
    });
  });
}

/** Only the tenant's own pods reach its data: one of them makes the link, by kubectl. */
async function linkOfPod(options: Options): Promise<string> {
  const { spec } = await withCluster(options, (client) => clusterTenant(client, options.tenant));
  const isPooled = typeof spec === 'object' && spec !== null && 'isolation' in spec && spec.isolation === 'pooled';
  const { kubeconfig, context, tenant, namespace } = options;
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
    'link',
    '--tenant',
    tenant,
  ];
  try {
    return (await promisify(execFile)('kubectl', args, { timeout: podMs })).stdout;
  } catch (error) {
    throw new AppError('cluster_unavailable', `kubectl exec failed: ${describeError(error)}`, { cause: error });
  }
}
