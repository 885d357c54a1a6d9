import type { TenantId } from '#libs/kernel/ids.js';

/** Every kind of background job. Payloads hold ids only. */
export const jobNames = [
  'usage.roll-up',
  'generations.reap',
  'events.expire',
  'conversations.purge',
  'sign-in.expire',
  'sso.recheck',
] as const;
export type JobName = (typeof jobNames)[number];

export interface Job {
  readonly name: JobName;
  readonly tenant: TenantId;
}

/** Runs jobs at least once, each on one process at a time. Handlers must be safe to run again. */
export abstract class JobQueue {
  /** Runs `name` for the tenant every `everyMs` until `cancel`. */
  abstract repeat(job: Job, everyMs: number): Promise<void>;
  abstract cancel(tenant: TenantId): Promise<void>;
  /** Runs the job once, soon. */
  abstract add(job: Job): Promise<void>;
  /** Starts to work; call once, when every handler is there. */
  abstract work(handlers: ReadonlyMap<JobName, (tenant: TenantId) => Promise<void>>): Promise<void>;
  abstract close(): Promise<void>;
}
