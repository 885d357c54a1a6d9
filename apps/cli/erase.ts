import type { Command } from 'commander';
import { AppError } from '#libs/kernel/errors.js';
import { tenantNamed, withPlatform } from './with-platform.js';

/** `whisper erase`: everything of a tenant, for good. The name has to be said twice. */
export function addErase(program: Command): void {
  program
    .command('erase')
    .description('delete everything of a tenant for good: its people, conversations, keys and figures')
    .requiredOption('--tenant <name>', 'name of the tenant')
    .option('--confirm <name>', 'the same name again: nothing is deleted without it')
    .action((options: { tenant: string; confirm?: string }, command: Command) =>
      withPlatform(command, async (attached) => {
        const tenant = await tenantNamed(attached, options.tenant);
        if (options.confirm !== tenant.slug)
          throw new AppError(
            'bad_request',
            `This deletes everything of ${tenant.manifest.displayName} and cannot be undone.`,
            {
              field: 'confirm',
              action: `To go on, add: --confirm ${tenant.slug}. A manifest that stays in the folder makes the tenant anew, empty.`,
            },
          );
        await attached.erase(tenant.id);
        process.stderr.write(`Erased ${tenant.slug}.\n`);
      }),
    );
}
