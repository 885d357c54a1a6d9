// Works the job queue in a process of its own: takes one job, says so to its parent and never ends it.
import { BullJobQueue } from '#libs/messaging/bull-job-queue.js';
import { jobNames } from '#libs/tenancy/ports/jobs.js';

const [backend = '', url = '', name = '', job = '', lockMs = ''] = process.argv.slice(2);
const open = backend === 'postgres' ? BullJobQueue.onPostgres : BullJobQueue.onRedis;
const handler = async () => {
  process.send?.('begun');
  await new Promise(() => undefined);
};
await open(url, name, console.error, Number(lockMs)).work(
  new Map(jobNames.filter((known) => known === job).map((known) => [known, handler])),
);
