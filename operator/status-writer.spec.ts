import { describe, expect, it } from '@jest/globals';
import type { KubeClient } from './runtime/client.js';
import type { KubeObject } from './runtime/kube-object.js';
import { StatusWriter } from './status-writer.js';

/** An API server that keeps one object, as far as its status is applied. */
class OneObject implements Pick<KubeClient, 'applyStatus'> {
  version = 10;
  readonly written: unknown[] = [];

  applyStatus<Kind extends KubeObject>(object: KubeObject): Promise<Kind> {
    this.version += 1;
    this.written.push(object['status']);
    return Promise.resolve(seen(this.version, object['status']) as Kind);
  }
}

const seen = (version: number, status?: unknown): KubeObject => ({
  apiVersion: 'whisperengine.ai/v1alpha1',
  kind: 'WhisperTenant',
  metadata: { name: 'acme', uid: 'u', resourceVersion: String(version) },
  ...(status === undefined ? {} : { status }),
});
const { signal } = new AbortController();

describe('the status that is known', () => {
  const written = async () => {
    const server = new OneObject();
    const writer = new StatusWriter(server as unknown as KubeClient);
    await writer.write(seen(8), { phase: 'Ready' }, signal);
    return { server, writer };
  };

  it.each([
    ['what we wrote, while the watch has brought nothing', 8, 'Pending', 'Ready'],
    ['what we wrote, where the watch has brought a change that was made before', 9, 'Pending', 'Ready'],
    ['what the watch brought, once it has our write', 11, 'Ready', 'Ready'],
    ['what the watch brought, where somebody wrote after us', 12, 'Failed', 'Failed'],
  ])('is %s', async (_title, version, phase, expected) => {
    const { writer } = await written();

    expect(writer.current(seen(version, { phase }))).toEqual({ phase: expected });
  });

  it('is not written again where an older version comes by', async () => {
    const { server, writer } = await written();

    const isNew = await writer.write(seen(9, { phase: 'Pending' }), { phase: 'Ready' }, signal);

    expect([isNew, server.written.length]).toEqual([false, 1]);
  });

  it('goes with its object', async () => {
    const { writer } = await written();
    const next = seen(9);

    const another = { ...next, metadata: { ...next.metadata, uid: 'another' } };

    expect(writer.current(another)).toBeUndefined();
  });
});
