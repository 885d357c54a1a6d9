import type { Command } from 'commander';
import { addClusterOptions, isForCluster } from './cluster.js';
import { type PodOptions, runInPod } from './in-pod.js';
import { tenantNamed, withPlatform } from './with-platform.js';

/** `whisper factors reset`: the way back for somebody who has lost every second factor. */
export function addFactors(program: Command): void {
  const factors = program.command('factors').description('second factors of people');
  addClusterOptions(
    factors
      .command('reset')
      .description('take away the second factors of a person who has lost them; their sessions end')
      .argument('<tenant>', 'name of the tenant')
      .argument('<email>', 'e-mail of the person')
      .option('--namespace <name>', 'in a cluster: namespace of the operator', 'whisper-system'),
  ).action(async (tenant: string, email: string, options: PodOptions, command: Command) => {
    if (isForCluster(options))
      return void process.stdout.write(await runInPod(options, tenant, ['factors', 'reset', tenant, email]));
    return withPlatform(command, async (attached) => {
      await attached.identity.resetFactorsByCli(await tenantNamed(attached, tenant), email);
      process.stdout.write(`${email} has no second factor now.\n`);
    });
  });
}
