import type { Command } from 'commander';
import { addClusterOptions, isForCluster } from './cluster.js';
import { type PodOptions, runInPod } from './in-pod.js';
import { tenantNamed, withPlatform } from './with-platform.js';

interface Options extends PodOptions {
  readonly tenant: string;
}

/** `whisper link`: a way in for the owner. Standard output has the link and nothing else. */
export function addLink(program: Command): void {
  addClusterOptions(
    program
      .command('link')
      .description("print a one-time sign-in link of a tenant's owner; it works for 15 minutes")
      .requiredOption('--tenant <name>', 'name of the tenant')
      .option('--namespace <name>', 'in a cluster: namespace of the operator', 'whisper-system'),
  ).action(async (options: Options, command: Command) => {
    const { tenant } = options;
    if (isForCluster(options))
      return void process.stdout.write(await runInPod(options, tenant, ['link', '--tenant', tenant]));
    return withPlatform(command, async (attached) => {
      const { url } = await attached.identity.issueOwnerLink(await tenantNamed(attached, tenant));
      process.stdout.write(`${url}\n`);
    });
  });
}
