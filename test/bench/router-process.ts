// The router as it is, over tenants in memory: keys, limits, budget, usage and metrics are all switched on; only
// the database is left out.
// `node router-process.js <port of the model server>`.
import type { AddressInfo } from 'node:net';
import { ForgetfulUsageSessions } from '#test/fakes/memory-inference.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { backendAt, startRouter } from '#test/support/router-app.js';
import { serveBench } from './child.js';

const router = await startRouter({ sessions: new ForgetfulUsageSessions() });
const plenty = 1_000_000_000;
router.addTenant(
  memoryTenant('bench', {
    backends: [{ name: 'mock' }],
    rateLimits: { rpm: plenty, tpm: plenty, concurrent: 10_000 },
    monthlyMicroUsd: plenty * 1_000_000,
    hardStop: true,
  }),
);
const price = { inputPerMillion: 150_000, outputPerMillion: 600_000 };
await router.setBackends([
  backendAt('mock', `http://127.0.0.1:${process.argv[2]}/v1`, {
    models: [{ id: 'tiny', kind: 'chat', contextTokens: null, price }],
  }),
]);
router.server.keepAliveTimeout = 60_000;
serveBench((router.server.address() as AddressInfo).port);
