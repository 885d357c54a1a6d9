import type { Command } from 'commander';
import { addClusterOptions, type ClusterOptions, isForCluster, withCluster } from './cluster.js';
import { overview } from './status.js';
import { table } from './table.js';
import { withPlatform } from './with-platform.js';

interface Options extends ClusterOptions {
  readonly json?: boolean;
}

/** `whisper tenants`: every tenant, a line each. */
export function addTenants(program: Command): void {
  addClusterOptions(
    program
      .command('tenants')
      .description('list the tenants: name, state, address, owner; those of a cluster where one is named')
      .option('--json', 'as JSON'),
  ).action(async (options: Options, command: Command) => {
    if (isForCluster(options))
      return withCluster(options, async (client) => void process.stdout.write(await overview(client)));
    return withPlatform(command, async ({ tenants, addresses }) => {
      const rows = (await tenants()).map((tenant) => ({
        name: tenant.slug,
        state: tenant.state,
        url: addresses.primary(tenant).chat,
        owner: tenant.manifest.ownerEmail,
      }));
      if (options.json === true) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
      else
        process.stdout.write(table([['NAME', 'STATE', 'ADDRESS', 'OWNER'], ...rows.map((row) => Object.values(row))]));
    });
  });
}
