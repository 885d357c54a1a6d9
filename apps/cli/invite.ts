import { type Command, Option } from 'commander';
import { Email } from '#libs/contracts/session-api.js';
import { RoleName, systemRoles } from '#libs/contracts/tenant-spec.js';
import { AppError } from '#libs/kernel/errors.js';
import { tenantNamed, withPlatform } from './with-platform.js';

/** `whisper invite`: a one-time link for somebody new. Standard output has the link and nothing else. */
export function addInvite(program: Command): void {
  program
    .command('invite')
    .description('print a one-time link that lets somebody in with a role')
    .requiredOption('--tenant <name>', 'name of the tenant')
    .requiredOption('--email <address>', 'e-mail address of the person')
    .addOption(new Option('--role <role>', 'what the person may do').choices([...systemRoles]).makeOptionMandatory())
    .action((options: { tenant: string; email: string; role: string }, command: Command) =>
      withPlatform(command, async (attached) => {
        const email = Email.safeParse(options.email);
        if (!email.success)
          throw new AppError('bad_request', `--email: "${options.email}" is not an e-mail address.`, {
            field: 'email',
          });
        const tenant = await tenantNamed(attached, options.tenant);
        const { url } = await attached.identity.inviteByCli(tenant, {
          email: email.data,
          role: RoleName.parse(options.role),
        });
        process.stdout.write(`${url}\n`);
      }),
    );
}
