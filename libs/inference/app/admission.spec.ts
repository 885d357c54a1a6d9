import { describe, expect, it } from '@jest/globals';
import { Counters, type ReservationResult } from '#libs/inference/ports/counters.js';
import { InProcessCounters } from '#libs/messaging/in-process-counters.js';
import type { RateLimits } from '#libs/tenancy/domain/tenant.js';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { MemoryUsageSessions } from '#test/fakes/memory-inference.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { SilentTelemetry } from '#test/fakes/silent-telemetry.js';
import { Admission, type Demand } from './admission.js';
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
const demand: Demand = { requestId: 'r', tokens: 1, microUsd: 0, key: null };

function admit(answer: ReservationResult | Error, models: Parameters<typeof memoryTenant>[1] = limits) {
  const telemetry = new SilentTelemetry();
  const ledger = new BudgetLedger(new MemoryUsageSessions(), clock);
  const tenant = memoryTenant('acme', models);
  const admission = new Admission(ledger, new FixedCounters(answer), clock, telemetry);
  return { telemetry, done: admission.admit(tenant, tenant.manifest.models, demand) };
}

describe('admission', () => {
  it('has nothing to settle where there is no limit', async () => {
    expect(await admit({ kind: 'refused', limit: 'requests', retryAfterMs: 1 }, {}).done).toEqual({
      keyId: null,
      isTenants: false,
    });
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

    expect(await done).toEqual({ keyId: null, isTenants: false });
    expect(telemetry.failures).toMatchObject([{ what: 'reserve' }]);
  });

  describe('of a key with limits of its own', () => {
    const open = (tenantLimits: Parameters<typeof memoryTenant>[1], ofKey: Partial<RateLimits>) => {
      const counters = new InProcessCounters(clock);
      const tenant = memoryTenant('acme', tenantLimits);
      const ledger = new BudgetLedger(new MemoryUsageSessions(), clock);
      const admission = new Admission(ledger, counters, clock, new SilentTelemetry());
      const key = { id: 'key', limits: { rpm: null, tpm: null, concurrent: null, ...ofKey } };
      let count = 0;
      const call = async (by: Demand['key'] = key) => {
        const requestId = `r${(count += 1)}`;
        const admitted = await admission.admit(tenant, tenant.manifest.models, { ...demand, requestId, key: by });
        return { end: () => admission.settle(tenant, { requestId, admitted }, 1) };
      };
      return { call };
    };

    it('ends at the key’s, while others go on', async () => {
      const { call } = open({}, { rpm: 2 });
      await call();
      await call();

      await expect(call()).rejects.toMatchObject({
        code: 'rate_limited',
        message: expect.stringContaining('This API key'),
      });
      await expect(call({ id: 'other', limits: { rpm: 2, tpm: null, concurrent: null } })).resolves.toBeDefined();
      await expect(call(null)).resolves.toBeDefined();
    });

    it('ends at the organisation’s, too', async () => {
      const { call } = open({ rateLimits: { rpm: 1, tpm: null, concurrent: null } }, { rpm: 10 });
      await call();

      await expect(call()).rejects.toMatchObject({ message: expect.stringContaining('Your organisation') });
    });

    it('gives its place back, also when the organisation’s limit stood in the way', async () => {
      const { call } = open({ rateLimits: { rpm: null, tpm: null, concurrent: 1 } }, { concurrent: 1 });
      const stranger = await call(null);
      await expect(call()).rejects.toMatchObject({ message: expect.stringContaining('Your organisation') });
      await stranger.end();

      const first = await call();
      await expect(call()).rejects.toMatchObject({ message: expect.stringContaining('This API key') });
      await first.end();

      await expect(call()).resolves.toBeDefined();
    });

    it('takes nothing from the organisation’s where it is refused', async () => {
      const { call } = open({ rateLimits: { rpm: 2, tpm: null, concurrent: null } }, { rpm: 1 });
      await call();
      for (let tries = 0; tries < 5; tries++) await expect(call()).rejects.toBeDefined();

      await expect(call(null)).resolves.toBeDefined();
    });
  });
});
