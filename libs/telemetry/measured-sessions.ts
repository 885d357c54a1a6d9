import { Histogram, type Registry } from 'prom-client';
import { asAppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';

/** Names of the database metrics, with their units. */
export const databaseMetricNames = { unitOfWork: 'whisper_unit_of_work_duration_seconds' } as const;

/** A unit of work is a few round trips on one machine, and waits for a lock or the pool in bad times. In seconds. */
const durations = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Makes the database's metrics in a registry. Call once for each registry. */
export function databaseMetrics(registry: Registry) {
  return {
    unitOfWork: new Histogram({
      name: databaseMetricNames.unitOfWork,
      help: 'Time of one unit of work of a tenant, from asking for a connection to COMMIT; outcome is committed or an error code.',
      labelNames: ['outcome'],
      buckets: durations,
      registers: [registry],
    }),
  };
}

/** Units of work, each with its time. */
export class MeasuredSessions<Stores> extends TenantSessions<Stores> {
  constructor(
    private readonly inner: TenantSessions<Stores>,
    private readonly metrics: ReturnType<typeof databaseMetrics>,
  ) {
    super();
  }

  override async run<Result>(tenant: TenantId, work: (stores: Stores) => Promise<Result>): Promise<Result> {
    const end = this.metrics.unitOfWork.startTimer();
    try {
      const result = await this.inner.run(tenant, work);
      end({ outcome: 'committed' });
      return result;
    } catch (error) {
      end({ outcome: asAppError(error).code });
      throw error;
    }
  }
}
