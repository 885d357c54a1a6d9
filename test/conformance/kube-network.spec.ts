import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { KubeClient } from '#operator/runtime/client.js';
import { SharedInformer } from '#operator/runtime/informer.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { LeaderElector } from '#operator/runtime/leader-election.js';
import { ResourceTable } from '#operator/runtime/resource-table.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { KubeTransport } from '#operator/runtime/transport.js';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { type CuttableProxy, startCuttableProxy } from '../support/cuttable-proxy.js';
import { until } from '../support/until.js';
import { objectsOf } from './kube-objects.js';
import { type Subject, describeSubjects } from './kube-subject.js';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const patienceMs = 30_000;

describeSubjects('over a bad line', contract);

function contract(subject: Subject): void {
  let proxy: CuttableProxy;
  let line: KubeClient;
  const timers = new SystemTimers();
  const { configMap } = objectsOf(subject);

  beforeAll(async () => {
    proxy = await startCuttableProxy(subject.port);
    const server = subject.connection.server.replace(`:${subject.port}`, `:${proxy.port}`);
    const transport = new KubeTransport({ connection: { ...subject.connection, server }, timers });
    line = new KubeClient(transport, new ResourceTable(transport));
  }, 240_000);
  afterAll(async () => {
    line.transport.close();
    await proxy.close();
  });

  const label = (group: string) => ({ labels: { line: group } });
  const watching = (group: string) => {
    const stop = new AbortController();
    const informer = new SharedInformer<KubeObject>({
      client: line,
      kind,
      timers,
      transform: (object) => object,
      namespace: subject.namespace,
      labelSelector: `line=${group}`,
      random: () => 0,
    });
    const ended = informer.run(stop.signal);
    return { informer, end: () => (stop.abort(), ended) };
  };

  it('an informer goes on after its connection was cut', async () => {
    await subject.client.create(configMap({}, label('cut')));
    const { informer, end } = watching('cut');
    await informer.waitForSync(AbortSignal.timeout(patienceMs));

    proxy.cut();
    await subject.client.create(configMap({}, label('cut')));

    await until(() => informer.size === 2, patienceMs);
    await end();
  });

  it('an informer learns of what came and went while there was no line', async () => {
    const old = await subject.client.create(configMap({}, label('off')));
    const { informer, end } = watching('off');
    await informer.waitForSync(AbortSignal.timeout(patienceMs));

    proxy.setOn(false);
    const made = await subject.client.create(configMap({}, label('off')));
    await subject.client.delete({ ...kind, namespace: subject.namespace, name: old.metadata.name });
    proxy.setOn(true);

    await until(
      () =>
        informer
          .list()
          .map(({ metadata }) => metadata.name)
          .join() === made.metadata.name,
      patienceMs,
    );
    await end();
  });

  it('an informer leaves a connection that carries nothing any more', async () => {
    const manual = new ManualTimers();
    const stop = new AbortController();
    const informer = new SharedInformer<KubeObject>({
      client: line,
      kind,
      timers: manual,
      transform: (object) => object,
      namespace: subject.namespace,
      labelSelector: 'line=frozen',
      random: () => 0,
    });
    const ended = informer.run(stop.signal);
    await informer.waitForSync(AbortSignal.timeout(patienceMs));

    proxy.freeze();
    await subject.client.create(configMap({}, label('frozen')));
    // Bookmarks may not have come yet: then it is the longest life of a watch that ends it.
    await manual.advance(331_000);
    await until(async () => {
      await manual.advance(500);
      return informer.size === 1;
    }, patienceMs);

    stop.abort();
    await ended;
    proxy.cut();
  });

  it('an apply survives connections that break under it', async () => {
    const objects = Array.from({ length: 40 }, () => configMap({ a: '1' }));

    const applied = Promise.all(objects.map((object) => line.apply(object, { fieldManager: 'line' })));
    // Each call is tried four times; two cuts leave it a way, however they fall.
    for (const pauseMs of [15, 40]) {
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
      proxy.cut();
    }
    await applied;

    for (const object of objects) {
      const { name, namespace = '' } = object.metadata;
      const found = await subject.client.get({ ...kind, name, namespace });
      expect(found.metadata.managedFields).toHaveLength(1);
    }
  });

  it('a leader that lost its line stops in time, and another takes over', async () => {
    const times = { leaseMs: 3000, renewMs: 1500, retryMs: 300 };
    const options = { timers, namespace: subject.namespace, name: 'line', times };
    const one = new LeaderElector({ ...options, client: line, identity: 'one' });
    const two = new LeaderElector({ ...options, client: subject.client, identity: 'two' });
    const stop = new AbortController();
    const both: string[] = [];
    const reign = async (signal: AbortSignal) => {
      if (one.isLeader && two.isLeader) both.push('two leaders');
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    };
    const first = one.run(stop.signal, reign);
    await until(() => one.isLeader, patienceMs);
    const second = two.run(stop.signal, reign);

    proxy.setOn(false);
    await until(() => two.isLeader, patienceMs);

    expect([one.isLeader, both, await first]).toEqual([false, [], true]);
    proxy.setOn(true);
    stop.abort();
    await second;
  });
}
