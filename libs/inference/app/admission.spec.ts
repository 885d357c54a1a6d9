import { describe, expect, it } from '@jest/globals';
import { Counters, type ReservationResult } from '#libs/inference/ports/counters.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { MemoryUsageSessions } from '#test/fakes/memory-inference.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { SilentTelemetry } from '#test/fakes/silent-telemetry.js';
import { Admission } from './admission.js';
import { BudgetLedger } from './budget-ledger.js';

/** Counters that give one answer to everything. */
class FixedCounters extends Counters {
  constructor(private readonly answer: ReservationResult | Error) {
    super();
  }
  override reserve(): Promise<ReservationResult> {
    return this.answer instanceof Error ? Promise.reject(this.answer) : Promise.resolve(this.answer);
  }
  override settle(): Promise<void> {
    return Promise.resolve();
  }
  override close(): Promise<void> {
    return Promise.resolve();
  }
}

const clock = new ManualClock();
const limits = { rateLimits: { rpm: 1, tpm: null, concurrent: null } };
const demand = { requestId: 'r', tokens: 1, microUsd: 0 };

function admit(answer: ReservationResult | Error, models: Parameters<typeof memoryTenant>[1] = limits) {
  const telemetry = new SilentTelemetry();
  const ledger = new BudgetLedger(new MemoryUsageSessions(), clock);
  const tenant = memoryTenant('acme', models);
  const admission = new Admission(ledger, new FixedCounters(answer), clock, telemetry);
  return { telemetry, done: admission.admit(tenant, tenant.manifest.models, demand) };
}

describe('admission', () => {
  it('has nothing to settle where there is no limit', async () => {
    expect(await admit({ kind: 'refused', limit: 'requests', retryAfterMs: 1 }, {}).done).toBe(false);
  });

  it('says when a refused call may come back', async () => {
    const { done } = admit({ kind: 'refused', limit: 'tokens', retryAfterMs: 5_000 });

    await expect(done).rejects.toMatchObject({
      code: 'rate_limited',
      retryAt: new Date(clock.now().getTime() + 5_000),
    });
  });

  it('lets calls go on while the counters are away, and reports it', async () => {
    const { done, telemetry } = admit(new Error('connection lost'));

    expect(await done).toBe(false);
    expect(telemetry.failures).toMatchObject([{ what: 'reserve' }]);
  });
});
