import { Registry } from 'prom-client';
import { SystemClock } from '#libs/kernel/clock.js';
import { RandomIds } from '#libs/kernel/ids.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { FileSecrets } from '#libs/sources/file-secrets.js';
import { attachDatabase, withRunning } from './attach-database.js';
import { composeIdentity } from './compose-identity.js';
import type { Config } from './config.js';
import { addressesOf } from './addresses-of.js';

/** Identity over the database of a platform that may run in another process: for the command line. */
export async function attachIdentity(config: Config) {
  const running = await withRunning(config);
  const { database, close } = await attachDatabase(running);
  const closers: (() => Promise<void>)[] = [close];
  const bus = new InProcessBus();
  const addresses = addressesOf(running);
  const identity = composeIdentity({
    sessions: database.sessions,
    metrics: new Registry(),
    clock: new SystemClock(),
    ids: new RandomIds(),
    bus,
    directory: database.directory,
    secrets: new FileSecrets(running.secrets),
    addresses,
    onClose: (end) => void closers.push(end),
  });
  return {
    database,
    identity,
    addresses,
    async close() {
      for (const end of closers.splice(0).reverse()) await end();
    },
  };
}
