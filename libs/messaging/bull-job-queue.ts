import { type ConnectionOptions, createPostgresBackend, runMigrations, createRedisBackend, withBackend } from 'bullmq';
import pg from 'pg';
import { describeError } from '#libs/kernel/errors.js';
import { tenantId, type TenantId } from '#libs/kernel/ids.js';
import { type Job, type JobName, jobNames, JobQueue } from '#libs/tenancy/ports/jobs.js';

const queueName = 'whisper';

interface Payload {
  readonly tenant: string;
}

/** The parts of BullMQ's queue and worker that we use, whichever backend is behind them. */
interface BullQueue {
  on(event: 'error', listener: (error: Error) => void): unknown;
  add(name: string, data: Payload, options: object): Promise<unknown>;
  upsertJobScheduler(id: string, repeat: { every: number }, template: object): Promise<unknown>;
  removeJobScheduler(id: string): Promise<boolean>;
  close(): Promise<void>;
}
interface BullWorker {
  on(event: 'error', listener: (error: Error) => void): unknown;
  close(): Promise<void>;
}
type Process = (job: { readonly name: string; readonly data: Payload }) => Promise<void>;

interface Bull {
  readonly queue: BullQueue;
  readonly worker: (process: Process) => BullWorker;
}

/** Kept to look at after a fault; ids only, so a few hundred cost nothing. */
const kept = { removeOnComplete: { count: 100 }, removeOnFail: { count: 500 } };
/** A process that died holds its jobs this long; every job is safe to run again. */
const usualLockMs = 30_000;

/** A worker looks as often for jobs of dead ones as these lose their hold. */
const working = (lockMs: number) => ({ concurrency: 4, lockDuration: lockMs, stalledInterval: lockMs });

/** Jobs by BullMQ, on its Postgres backend on one machine and on Redis between replicas: the same code. */
export class BullJobQueue extends JobQueue {
  private running: BullWorker | null = null;

  private constructor(
    private readonly bull: Bull,
    private readonly report: (message: string) => void,
  ) {
    super();
    bull.queue.on('error', (error) => report(error.message));
  }

  /** Makes or updates BullMQ's tables in `schema`, as its owner. */
  static async migrate(url: string, schema: string): Promise<void> {
    const pool = new pg.Pool({ connectionString: url, max: 1 });
    const client = await pool.connect();
    try {
      await client.query(`set search_path to ${schema}`);
      await runMigrations(client, schema);
    } finally {
      client.release();
      await pool.end();
    }
  }

  /** On Postgres: `url` logs in as the owner of `schema`, where BullMQ keeps its tables. */
  static onPostgres(
    url: string,
    schema: string,
    report: (message: string) => void,
    lockMs = usualLockMs,
  ): BullJobQueue {
    const { Queue, Worker } = withBackend(createPostgresBackend);
    const connection = { connectionString: url, schema, max: 4 };
    const queue = new Queue<Payload>(queueName, { connection, defaultJobOptions: kept });
    return new BullJobQueue(
      {
        queue,
        worker: (process) =>
          new Worker<Payload>(queueName, process, { connection, ...working(lockMs), drainDelay: 30 }),
      },
      report,
    );
  }

  /** On Redis 6.2 or newer. */
  static onRedis(url: string, prefix: string, report: (message: string) => void, lockMs = usualLockMs): BullJobQueue {
    const { Queue, Worker } = withBackend(createRedisBackend);
    const connection: ConnectionOptions = { url, maxRetriesPerRequest: null };
    const queue = new Queue<Payload>(queueName, { connection, prefix, defaultJobOptions: kept });
    return new BullJobQueue(
      {
        queue,
        worker: (process) => new Worker<Payload>(queueName, process, { connection, prefix, ...working(lockMs) }),
      },
      report,
    );
  }

  override async repeat(job: Job, everyMs: number): Promise<void> {
    await this.bull.queue.upsertJobScheduler(
      `${job.name}:${job.tenant}`,
      { every: everyMs },
      { name: job.name, data: { tenant: job.tenant } },
    );
  }

  override async cancel(tenant: TenantId): Promise<void> {
    for (const name of jobNames) await this.bull.queue.removeJobScheduler(`${name}:${tenant}`);
  }

  override async add(job: Job): Promise<void> {
    await this.bull.queue.add(
      job.name,
      { tenant: job.tenant },
      { attempts: 5, backoff: { type: 'exponential', delay: 1_000 } },
    );
  }

  override work(handlers: ReadonlyMap<JobName, (tenant: TenantId) => Promise<void>>): Promise<void> {
    const worker = this.bull.worker(async ({ name, data }) => {
      const handler = jobNames.flatMap((known) => (known === name ? [handlers.get(known)] : []))[0];
      if (handler === undefined) return;
      try {
        await handler(tenantId(data.tenant));
      } catch (error) {
        this.report(`${name}: ${describeError(error)}`);
        throw error;
      }
    });
    worker.on('error', (error) => this.report(error.message));
    this.running = worker;
    return Promise.resolve();
  }

  override async close(): Promise<void> {
    await this.running?.close();
    await this.bull.queue.close();
  }
}
