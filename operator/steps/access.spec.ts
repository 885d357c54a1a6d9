import { describe, expect, it } from '@jest/globals';
import { memoryOperatorParts } from '#test/fakes/memory-operator-parts.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { encoded } from '../resources/secrets.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { giveAccess } from './access.js';

const acme = memoryTenant('acme');

/** The Secret `keys` as it was written last. */
const keysOf = (texts: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'keys', namespace: 'whisper-acme' },
  data: encoded(texts),
});

const give = (clusterKeys: string | null, known?: KubeObject) => {
  const applier = { known: () => known };
  return giveAccess('acme', acme, applier, { parts: memoryOperatorParts(), clusterKeys, nowMs: 0 });
};

describe('the keys by which a router knows its pods', () => {
  it('are what the API server said last', async () => {
    const { access, finding } = await give('new', keysOf({ 'cluster-keys.json': 'old' }));

    expect([access?.clusterKeys, finding.status]).toEqual(['new', 'True']);
  });

  it('stay those that are mounted while the API server has not answered', async () => {
    expect((await give(null, keysOf({ 'cluster-keys.json': 'old' }))).access?.clusterKeys).toBe('old');
  });

  it('are missed in words that say what to do', async () => {
    const { access, finding } = await give(null, keysOf({ 'service-keys.json': '{"keys":[]}' }));

    expect(access).toBeNull();
    expect(finding).toMatchObject({
      type: 'AccessReady',
      status: 'False',
      reason: 'NoClusterKeys',
      message: expect.stringContaining('system:service-account-issuer-discovery') as unknown,
    });
  });
});
