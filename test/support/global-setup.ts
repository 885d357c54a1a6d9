import { mkdtemp } from 'node:fs/promises';
import { chmod } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';
import { prepareComponents } from './prepare-components.js';
import { running } from './running.js';

/** Starts one PostgreSQL for all suites; each suite makes a database of its own in it. */
// oxlint-disable-next-line no-default-export -- the form Jest asks for
export default async function globalSetup(run: { readonly nonFlagArgs: readonly string[] }): Promise<void> {
  await prepareComponents(run.nonFlagArgs);
  const folder = await mkdtemp(join(tmpdir(), 'whisper-tests-'));
  // As root the server runs as another user, who must be able to walk in.
  await chmod(folder, 0o711);
  running.folder = folder;
  process.env['WHISPER_TEST_FOLDER'] = folder;
  process.env['WHISPER_TEST_PID'] = String(process.pid);
  running.postgres = await EmbeddedPostgres.start(folder, (message) => console.warn(message));
  process.env['WHISPER_TEST_POSTGRES'] = running.postgres.url('postgres');
}
