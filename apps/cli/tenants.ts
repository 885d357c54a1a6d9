import type { Command } from 'commander';
import { table } from './table.js';
import { withPlatform } from './with-platform.js';

/** `whisper tenants`: every tenant, a line each. */
export function addTenants(program: Command): void {
  program
    .command('tenants')
    .description('list the tenants: name, state, address, owner')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }, command: Command) =>
      withPlatform(command, async ({ tenants, addresses }) => {
        const rows = (await tenants()).map((tenant) => ({
          name: tenant.slug,
          state: tenant.state,
          url: addresses.primary(tenant).chat,
          owner: tenant.manifest.ownerEmail,
        }));
        if (options.json === true) process.stdout.write(`${JSON.stringify(rows, null, 2)}\n`);
        else
          process.stdout.write(
            table([['NAME', 'STATE', 'ADDRESS', 'OWNER'], ...rows.map((row) => Object.values(row))]),
          );
      }),
    );
}
