import { join } from 'node:path';
import { Command } from 'commander';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import type { Config } from '#libs/platform/config.js';
import { addStartOptions, loadConfig, type StartOptions } from '#libs/platform/load-config.js';
import { openLog } from '#libs/platform/open-log.js';
import { stopOnSignal } from '#libs/platform/stop-on-signal.js';
import type { AppliedManifests } from '#libs/tenancy/app/apply-manifests.js';
import { type RunningPlatform, startPlatform } from './start-platform.js';

const say = (text: string) => process.stdout.write(`${text}\n`);
const complain = (text: string) => process.stderr.write(`${text}\n`);

function tellChange({ applied, suspended, problems }: AppliedManifests): void {
  for (const tenant of applied) say(`  ${tenant.slug}: ${tenant.state === 'suspended' ? 'suspended' : 'up to date'}`);
  for (const slug of suspended) say(`  ${slug}: its manifest is gone, so it is suspended; nothing was deleted`);
  for (const problem of problems) complain(`  ! ${problem}`);
}

/** Addresses, and on a terminal a way in: a link must not end in a log file. */
async function greet(platform: RunningPlatform, startedMs: number): Promise<void> {
  const { foundation, identity, manifests } = platform;
  const tenants = (await foundation.directory.list()).filter(({ state }) => state === 'active');
  for (const problem of manifests.problems) complain(`  ! ${problem}`);
  say(`\n  Whisper is ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s.\n`);
  for (const tenant of tenants) {
    say(`  ${tenant.manifest.displayName}\n    ${foundation.addresses.primary(tenant).chat}`);
    if (process.stdout.isTTY)
      say(`    sign in once as ${tenant.manifest.ownerEmail}:\n    ${(await identity.issueOwnerLink(tenant)).url}`);
    say('');
  }
  if (tenants.length === 0)
    say(`  There is no organisation yet: put a tenant manifest into ${foundation.config.tenants}.\n`);
  if (!process.stdout.isTTY && tenants.length > 0) say('  To sign in, run: npm run -s whisper -- link --tenant NAME\n');
  say(`  Data: ${foundation.config.data}   Log: ${logName(foundation.config)}   Stop: Ctrl-C\n`);
}

function logName(config: Config): string {
  return process.stdout.isTTY ? join(config.data, 'whisper.log') : 'standard error';
}

function tell(error: unknown): void {
  const { message, action, code } = asAppError(error);
  complain(`whisper: ${message}\n         ${action} (${code})`);
  if (!(error instanceof AppError) && error instanceof Error) complain(`         ${error.message}`);
}

async function start(options: StartOptions): Promise<void> {
  const startedMs = performance.now();
  try {
    const config = loadConfig(options);
    const log = await openLog(config, 'whisper', process.stdout.isTTY);
    process.on('unhandledRejection', (reason) =>
      log.error({ err: reason }, 'a promise was rejected and nobody listened'),
    );
    const platform = await startPlatform(config, log, tellChange);
    stopOnSignal(() => platform.stop(), tell);
    await greet(platform, startedMs);
  } catch (error) {
    tell(error);
    process.exit(1);
  }
}

await addStartOptions(new Command('whisper').description('Starts the whole platform on this machine.'))
  .addHelpText(
    'after',
    '\nDATABASE_URL and REDIS_URL replace the embedded database and the in-process bus.\nEvery setting: docs/reference/configuration.md',
  )
  .action(start)
  .parseAsync(process.argv);
