import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { RandomIds, tenantId, type TenantId } from '#libs/kernel/ids.js';
import { BullJobQueue } from '#libs/messaging/bull-job-queue.js';
import type { JobName } from '#libs/tenancy/ports/jobs.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { startRedis } from '#test/support/redis-server.js';
import { freshDatabaseUrl } from '#test/support/test-database.js';
import { until } from '#test/support/until.js';

const ids = new RandomIds();

/** Where a queue is, and how a process of its own opens it: see test/support/job-worker.ts. */
interface Place {
  readonly backend: 'postgres' | 'redis';
  readonly url: () => string;
  readonly name: string;
}

/** Short, so that the job of a killed worker does not keep the suite waiting. */
const lockMs = 1_000;

function openAt({ backend, url, name }: Place, report: (message: string | Error) => void): BullJobQueue {
  return backend === 'postgres'
    ? BullJobQueue.onPostgres(url(), name, report, lockMs)
    : BullJobQueue.onRedis(url(), name, report, lockMs);
}

/** Begins a job in a process of its own, and kills that as a power cut would. */
async function killWhileWorking({ backend, url, name }: Place, job: JobName): Promise<void> {
  const file = fileURLToPath(new URL('../support/job-worker.js', import.meta.url));
  const child = fork(file, [backend, url(), name, job, String(lockMs)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await once(child, 'message', { signal: AbortSignal.timeout(20_000) });
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** What every queue of jobs promises. */
function promises(place: Place): void {
  const open = (report: (message: string | Error) => void) => openAt(place, report);
  const opened: BullJobQueue[] = [];
  const reports: string[] = [];
  const process = () => {
    const queue = open((message) => reports.push(String(message)));
    opened.push(queue);
    return queue;
  };
  afterEach(async () => {
    for (const queue of opened.splice(0)) await queue.close();
  });

  /** Works on `name` in a process of its own and keeps the tenants it ran for. */
  const worker = async (
    name: JobName,
    handle: (tenant: TenantId, run: number) => Promise<void> = async () => undefined,
  ) => {
    const ran: TenantId[] = [];
    await process().work(
      new Map([
        [
          name,
          async (tenant: TenantId) => {
            ran.push(tenant);
            await handle(tenant, ran.length);
          },
        ],
      ]),
    );
    return ran;
  };
  const tenant = () => tenantId(ids.next());

  it('runs a job once, on one of many processes', async () => {
    const acme = tenant();
    const globex = tenant();
    const queue = process();
    const ran = [await worker('usage.roll-up'), await worker('usage.roll-up')];

    await queue.add({ name: 'usage.roll-up', tenant: acme });
    await until(() => ran.flat().includes(acme));
    await queue.add({ name: 'usage.roll-up', tenant: globex });
    await until(() => ran.flat().includes(globex));

    expect(ran.flat()).toEqual(expect.arrayContaining([acme, globex]));
    expect(ran.flat()).toHaveLength(2);
  });

  it('repeats a job of each tenant until it is cancelled', async () => {
    const acme = tenant();
    const globex = tenant();
    const queue = process();
    const ran = await worker('events.expire');
    const runs = (of: TenantId) => ran.filter((one) => one === of).length;

    await queue.repeat({ name: 'events.expire', tenant: acme }, 200);
    await queue.repeat({ name: 'events.expire', tenant: globex }, 200);
    await until(() => runs(acme) >= 3 && runs(globex) >= 3);
    await queue.cancel(acme);
    const atCancel = runs(acme);
    const others = runs(globex);
    await until(() => runs(globex) >= others + 4);
    await queue.cancel(globex);

    // One that was due already may still run.
    expect(runs(acme)).toBeLessThanOrEqual(atCancel + 1);
  });

  it('keeps one schedule, however many processes ask for it', async () => {
    const acme = tenant();
    const queues = [process(), process(), process()];
    const ran = await worker('sign-in.expire');

    await Promise.all(queues.map((queue) => queue.repeat({ name: 'sign-in.expire', tenant: acme }, 500)));
    await until(() => ran.length >= 2);
    const [beganMs, before] = [performance.now(), ran.length];
    await until(() => ran.length >= before + 3);

    expect(performance.now() - beganMs).toBeGreaterThan(700);
    await queues[0]!.cancel(acme);
  });

  it('tries a job again that failed, and says that it did', async () => {
    const acme = tenant();
    const ran = await worker('conversations.purge', (_tenant, run) =>
      run === 1 ? Promise.reject(new Error('the first run fails')) : Promise.resolve(),
    );

    await process().add({ name: 'conversations.purge', tenant: acme });

    await until(() => ran.length === 2, 20_000);
    expect(ran).toEqual([acme, acme]);
    expect(reports).toContain('conversations.purge: the first run fails');
  });

  it('keeps a job for a worker that comes later', async () => {
    const acme = tenant();
    await process().add({ name: 'generations.reap', tenant: acme });

    const ran = await worker('generations.reap');

    await until(() => ran.includes(acme));
    expect(ran).toEqual([acme]);
  });

  it('runs the job of a worker that was killed again, on another one', async () => {
    const acme = tenant();
    await process().add({ name: 'usage.roll-up', tenant: acme });
    await killWhileWorking(place, 'usage.roll-up');

    const ran = await worker('usage.roll-up');

    await until(() => ran.includes(acme), 20 * lockMs);
    expect(ran).toEqual([acme]);
  });

  it('ends while nothing runs, and lets what runs end first', async () => {
    const acme = tenant();
    let ended = false;
    let begun = false;
    const queue = process();
    await queue.work(
      new Map([
        [
          'usage.roll-up' as const,
          async () => {
            begun = true;
            await new Promise((resolve) => setTimeout(resolve, 200));
            ended = true;
          },
        ],
      ]),
    );
    await queue.add({ name: 'usage.roll-up', tenant: acme });
    await until(() => begun);

    await queue.close();
    opened.splice(0);

    expect(ended).toBe(true);
  });
}

describe('the queue of jobs on PostgreSQL', () => {
  let url: string;
  beforeAll(async () => {
    url = await freshDatabaseUrl();
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.query('create schema jobs');
    await client.end();
    await BullJobQueue.migrate(url, 'jobs');
  });
  promises({ backend: 'postgres', url: () => url, name: 'jobs' });

  it('can be prepared again', async () => {
    await expect(BullJobQueue.migrate(url, 'jobs')).resolves.toBeUndefined();
  });
});

describeWith(redisServer, 'the queue of jobs on Redis', (program) => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  beforeAll(async () => {
    redis = await startRedis(program);
  });
  afterAll(() => redis.stop());
  promises({ backend: 'redis', url: () => redis.url, name: 'whisper-test' });
});
