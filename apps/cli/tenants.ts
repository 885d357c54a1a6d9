import type { Command } from 'commander';
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

function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_cell, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}
