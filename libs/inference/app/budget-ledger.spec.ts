import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '#test/fakes/manual-clock.js';
import { MemoryUsageSessions } from '#test/fakes/memory-inference.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { BudgetLedger } from './budget-ledger.js';

const acme = memoryTenant('acme', { monthlyMicroUsd: 100, hardStop: true });
const { models } = acme.manifest;
const ledgerOf = () => new BudgetLedger(new MemoryUsageSessions(), new ManualClock());

describe('the ledger of a hard budget', () => {
  it('lets no second call in on the money that is held for one that runs', async () => {
    const ledger = ledgerOf();

    await ledger.demand(acme, models, { requestId: 'first', microUsd: 100 });

    await expect(ledger.demand(acme, models, { requestId: 'second', microUsd: 1 })).rejects.toMatchObject({
      code: 'budget_exhausted',
    });
  });

  it('lets the next call in when one that ran has cost less than was held', async () => {
    const ledger = ledgerOf();
    await ledger.demand(acme, models, { requestId: 'first', microUsd: 100 });

    ledger.spent(acme.id, 'first', 40);

    await expect(ledger.demand(acme, models, { requestId: 'second', microUsd: 1 })).resolves.toBeUndefined();
  });

  it('counts a call once: what it has cost takes the place of what was held', async () => {
    const ledger = ledgerOf();
    await ledger.demand(acme, models, { requestId: 'first', microUsd: 60 });

    ledger.spent(acme.id, 'first', 60);

    await expect(ledger.demand(acme, models, { requestId: 'second', microUsd: 60 })).resolves.toBeUndefined();
  });

  it('holds nothing of a tenant whose budget does not stop calls', async () => {
    const soft = memoryTenant('soft', { monthlyMicroUsd: 1, hardStop: false });
    const ledger = ledgerOf();

    for (const requestId of ['first', 'second'])
      await expect(ledger.demand(soft, soft.manifest.models, { requestId, microUsd: 100 })).resolves.toBeUndefined();
  });
});
