import { rm } from 'node:fs/promises';
import { running } from './running.js';

/** Ends what the global setup started. */
// oxlint-disable-next-line no-default-export -- the form Jest asks for
export default async function globalTeardown(): Promise<void> {
  await running.postgres?.stop();
  if (running.folder !== undefined) await rm(running.folder, { recursive: true, force: true });
}
