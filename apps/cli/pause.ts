import type { Command } from 'commander';
import { annotations, tenantKind } from '#operator/kinds.js';
import { addClusterOptions, type ClusterOptions, clusterTenant, withCluster } from './cluster.js';

interface Options extends ClusterOptions {
  readonly tenant: string;
}

function add(program: Command, name: string, description: string, value: 'true' | null): void {
  addClusterOptions(
    program.command(name).description(description).requiredOption('--tenant <name>', 'name of the tenant'),
  ).action((options: Options) =>
    withCluster(options, async (client) => {
      await clusterTenant(client, options.tenant);
      const patch = { metadata: { annotations: { [annotations.paused]: value } } };
      await client.patch({ ...tenantKind, name: options.tenant }, patch, { fieldManager: 'whisper-cli' });
      process.stdout.write(
        `${options.tenant}: ${value === null ? 'the operator goes on' : 'the operator leaves it alone'}\n`,
      );
    }),
  );
}

/** `whisper pause` and `whisper resume`. */
export function addPause(program: Command): void {
  add(program, 'pause', 'keep the operator from changing a tenant of a cluster and its objects', 'true');
  add(program, 'resume', 'let the operator go on with a paused tenant', null);
}
