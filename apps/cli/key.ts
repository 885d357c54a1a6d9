import type { Command } from 'commander';
import { tenantNamed, withPlatform } from './with-platform.js';

/** `whisper key create`: an API key. Standard output has the key and nothing else. */
export function addKey(program: Command): void {
  program
    .command('key')
    .description('API keys of a tenant')
    .command('create')
    .description('print a new API key; it is shown once')
    .requiredOption('--tenant <name>', 'name of the tenant')
    .requiredOption('--name <name>', 'what the key is for')
    .action((options: { tenant: string; name: string }, command: Command) =>
      withPlatform(command, async (attached) => {
        const { text } = await attached.identity.createKeyByCli(
          await tenantNamed(attached, options.tenant),
          options.name,
        );
        process.stdout.write(`${text}\n`);
      }),
    );
}
