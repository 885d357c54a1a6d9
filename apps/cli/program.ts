import { Command } from 'commander';
import { addDiff } from './diff.js';
import { addErase } from './erase.js';
import { addEvents } from './events.js';
import { addFactors } from './factors.js';
import { addInvite } from './invite.js';
import { addKey } from './key.js';
import { addLink } from './link.js';
import { addPause } from './pause.js';
import { addRender } from './render.js';
import { addStatus } from './status.js';
import { addTenants } from './tenants.js';

/** The command line with all its commands; nothing runs before it parses. */
export function createProgram(): Command {
  const program = new Command('whisper')
    .description('Looks after a Whisper platform. Works while it runs, and while it does not.')
    .option('--data <dir>', 'data folder of the platform, where it is not the default')
    .option('--secrets <dir>', 'folder of secrets, where it is not the default')
    .showHelpAfterError('(--help tells the commands and their options)');
  addTenants(program);
  addLink(program);
  addInvite(program);
  addKey(program);
  addFactors(program);
  addErase(program);
  addRender(program);
  addDiff(program);
  addStatus(program);
  addEvents(program);
  addPause(program);
  return program;
}
