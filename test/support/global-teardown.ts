import { rm } from 'node:fs/promises';
import { stopSharedControlPlane } from '../cluster/shared-control-plane.js';
import { running } from './running.js';

/** Ends what the global setup started. */
// oxlint-disable-next-line no-default-export -- the form Jest asks for
export default async function globalTeardown(): Promise<void> {
  await running.postgres?.stop();
  if (running.folder === undefined) return;
  await stopSharedControlPlane(running.folder);
  await rm(running.folder, { recursive: true, force: true });
}
