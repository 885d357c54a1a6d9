import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeApiServer } from '#test/fakes/fake-api-server/fake-api-server.js';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { KubeClient } from './client.js';
import { type EventNote, EventRecorder } from './event-recorder.js';
import type { KubeObject } from './kube-object.js';
import { ResourceTable } from './resource-table.js';
import { KubeTransport } from './transport.js';

describe('event recorder', () => {
  let fake: FakeApiServer;
  let timers: ManualTimers;
  let recorder: EventRecorder;
  let client: KubeClient;
  let regarding: KubeObject;
  const troubles: unknown[] = [];
  beforeEach(async () => {
    timers = new ManualTimers();
    fake = await FakeApiServer.start({ now: () => timers.now() });
    const transport = new KubeTransport({ connection: fake.connection, timers });
    client = new KubeClient(transport, new ResourceTable(transport));
    troubles.length = 0;
    recorder = new EventRecorder({
      client,
      timers,
      controller: 'test.whisperengine.ai/operator',
      instance: 'operator-0',
      onTrouble: (error) => troubles.push(error),
    });
    regarding = fake.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'acme' } });
  });
  afterEach(async () => {
    await fake.stop();
  });

  const note = (change: Partial<EventNote> = {}): EventNote => ({
    regarding,
    type: 'Warning',
    reason: 'ShardDown',
    action: 'Provision',
    note: 'the shard does not answer',
    ...change,
  });
  const events = async () => {
    await recorder.flush();
    const list = await client.list({ apiVersion: 'events.k8s.io/v1', kind: 'Event' });
    return list.items.map((item) => item as KubeObject & { series?: { count: number }; note: string; reason: string });
  };

  it('tells what, about whom, by whom', async () => {
    recorder.record(note());

    const [event] = await events();

    expect(event).toMatchObject({
      metadata: { namespace: 'default' },
      type: 'Warning',
      reason: 'ShardDown',
      action: 'Provision',
      note: 'the shard does not answer',
      reportingController: 'test.whisperengine.ai/operator',
      reportingInstance: 'operator-0',
      regarding: { kind: 'Namespace', name: 'acme', uid: regarding.metadata.uid },
      eventTime: '2026-06-15T12:00:00.000000Z',
    });
  });

  it('makes one event with a count of the same sentence said again', async () => {
    for (let time = 0; time < 40; time += 1) {
      recorder.record(note());
      await timers.advance(10_000);
    }

    const all = await events();

    expect(all).toHaveLength(1);
    expect(all[0]?.series?.count).toBeGreaterThanOrEqual(30);
    expect(fake.requests.filter(({ method }) => method !== 'GET').length).toBeLessThan(10);
  });

  it('begins another event after a pause of six minutes', async () => {
    recorder.record(note());
    await timers.advance(361_000);
    recorder.record(note());

    expect(await events()).toHaveLength(2);
  });

  it('cuts short an object that has too much to tell', async () => {
    for (let index = 0; index < 100; index += 1) recorder.record(note({ reason: `Reason${index}` }));

    expect(await events()).toHaveLength(25);
  });

  it('never fails', async () => {
    fake.faults.next({ kind: 'status', code: 403, reason: 'Forbidden' });

    recorder.record(note({ note: 'x'.repeat(5000) }));
    recorder.record(note({ reason: 'Other', note: 'y'.repeat(5000) }));

    expect((await events()).map((event) => event.note.length)).toEqual([1024]);
    expect(troubles).toHaveLength(1);
  });
});
