import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';

/** A PostgreSQL server of its own beside that of the test run, as a second shard. */
export async function startAnotherPostgres(): Promise<{ url: string; stop(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'whisper-shard-'));
  // As root the server runs as another user, who must be able to walk in.
  await chmod(folder, 0o711);
  const server = await EmbeddedPostgres.start(folder, (message) => console.warn(message));
  return {
    url: server.url('postgres'),
    async stop() {
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
