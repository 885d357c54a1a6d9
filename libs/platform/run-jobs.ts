import type { KeepHouse } from '#libs/chat/app/keep-house.js';
import { describeError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { isServed } from '#libs/tenancy/domain/tenant.js';
import type { JobName, JobQueue } from '#libs/tenancy/ports/jobs.js';
import type { Foundation } from './foundation.js';

/** How often each job of a tenant runs, in ms. */
const everyMs: Readonly<Record<JobName, number>> = {
  // Dashboards show closed hours from the rollup and the current one from raw rows, so a minute late is not seen.
  'usage.roll-up': 60_000,
  // A dead writer's lease is 10 s.
  'generations.reap': 10_000,
  'events.expire': 60_000,
  'conversations.purge': 60 * 60_000,
  // The shortest idle limit is five minutes.
  'sign-in.expire': 60_000,
  // The shortest wait between two questions is five minutes.
  'sso.recheck': 60_000,
};

interface JobParts {
  readonly house: KeepHouse;
  readonly rollUp: (tenant: TenantId) => Promise<void>;
  readonly expireSignIns: (tenant: TenantId) => Promise<void>;
  readonly recheckSignIns: (tenant: TenantId) => Promise<void>;
}

/** The handlers of every job. */
export function jobHandlers({
  house,
  rollUp,
  expireSignIns,
  recheckSignIns,
}: JobParts): ReadonlyMap<JobName, (tenant: TenantId) => Promise<void>> {
  return new Map<JobName, (tenant: TenantId) => Promise<void>>([
    ['usage.roll-up', rollUp],
    ['generations.reap', async (tenant) => void (await house.reap(tenant, false))],
    ['events.expire', (tenant) => house.expireEvents(tenant)],
    ['conversations.purge', (tenant) => house.purge(tenant)],
    ['sign-in.expire', expireSignIns],
    ['sso.recheck', recheckSignIns],
  ]);
}

async function schedule(jobs: JobQueue, tenant: TenantId): Promise<void> {
  for (const [name, every] of Object.entries(everyMs)) await jobs.repeat({ name: name as JobName, tenant }, every);
}

/** Starts the worker and keeps a schedule for each served tenant; tenants that come or go are followed. */
export async function runJobs(foundation: Foundation, parts: JobParts): Promise<void> {
  const { jobs, directory, log } = foundation;
  /** With what its manifest says of sessions: a shorter limit is for those that are open, too. */
  const scheduled = new Map<TenantId, string>();
  let running: Promise<void> = Promise.resolve();
  const align = async () => {
    const served = new Map(
      (await directory.list())
        .filter(isServed)
        .map(({ id, manifest }) => [id, JSON.stringify(manifest.security.sessions)] as const),
    );
    for (const [id, limits] of served) {
      const known = scheduled.get(id);
      if (known === undefined) await schedule(jobs, id);
      else if (known !== limits) await jobs.add({ name: 'sign-in.expire', tenant: id });
      scheduled.set(id, limits);
    }
    for (const id of scheduled.keys()) {
      if (served.has(id)) continue;
      await jobs.cancel(id);
      scheduled.delete(id);
    }
  };
  const queue = () => {
    running = running
      .then(align)
      .catch((error: unknown) => log.warn({ error: describeError(error) }, 'jobs could not be scheduled yet'));
  };
  const handlers = [...jobHandlers(parts)].map(([name, handle]) => {
    const guarded = async (tenant: TenantId) => {
      const known = await directory.byId(tenant);
      // A tenant that left while no process of ours ran has left its schedule behind.
      if (known === null || !isServed(known)) await jobs.cancel(tenant);
      else await handle(tenant);
    };
    return [name, guarded] as const;
  });
  await jobs.work(new Map(handlers));
  directory.onChange(queue);
  queue();
  foundation.onClose(() => running);
}
