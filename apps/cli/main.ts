import { Command } from 'commander';
import { asAppError } from '#libs/kernel/errors.js';
import { addErase } from './erase.js';
import { addInvite } from './invite.js';
import { addKey } from './key.js';
import { addLink } from './link.js';
import { addTenants } from './tenants.js';

const program = new Command('whisper')
  .description('Looks after a Whisper platform. Works while it runs, and while it does not.')
  .option('--data <dir>', 'data folder of the platform, where it is not the default')
  .option('--secrets <dir>', 'folder of secrets, where it is not the default')
  .showHelpAfterError('(--help tells the commands and their options)');

addTenants(program);
addLink(program);
addInvite(program);
addKey(program);
addErase(program);

try {
  await program.parseAsync(process.argv);
} catch (error) {
  const { message, action, code } = asAppError(error);
  process.stderr.write(`whisper: ${message}\n         ${action} (${code})\n`);
  process.exitCode = 1;
}
