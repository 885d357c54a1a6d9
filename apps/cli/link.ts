import type { Command } from 'commander';
import { tenantNamed, withPlatform } from './with-platform.js';

/** `whisper link`: a way in for the owner. Standard output has the link and nothing else. */
export function addLink(program: Command): void {
  program
    .command('link')
    .description("print a one-time sign-in link of a tenant's owner; it works for 15 minutes")
    .requiredOption('--tenant <name>', 'name of the tenant')
    .action((options: { tenant: string }, command: Command) =>
      withPlatform(command, async (attached) => {
        const { url } = await attached.identity.issueOwnerLink(await tenantNamed(attached, options.tenant));
        process.stdout.write(`${url}\n`);
      }),
    );
}
