import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { AppError } from '#libs/kernel/errors.js';
import { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { databaseMetrics, MeasuredSessions } from './measured-sessions.js';

const { id } = memoryTenant('acme');

class Direct extends TenantSessions<number> {
  override run<Result>(_tenant: string, work: (stores: number) => Promise<Result>): Promise<Result> {
    return work(7);
  }
}

function measured() {
  const registry = new Registry();
  return { registry, sessions: new MeasuredSessions(new Direct(), databaseMetrics(registry)) };
}

describe('MeasuredSessions', () => {
  it('times what was committed and gives its result', async () => {
    const { registry, sessions } = measured();

    expect(await sessions.run(id, (stores) => Promise.resolve(stores + 1))).toBe(8);

    expect(await registry.metrics()).toContain('_seconds_count{outcome="committed"} 1\n');
  });

  it('times what failed under its error code and throws it on', async () => {
    const { registry, sessions } = measured();
    const error = new AppError('database_unavailable', 'Away.');

    await expect(sessions.run(id, () => Promise.reject(error))).rejects.toBe(error);

    expect(await registry.metrics()).toContain('_seconds_count{outcome="database_unavailable"} 1\n');
  });
});
