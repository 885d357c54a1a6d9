import { expect, it } from '@jest/globals';
import { refOf } from '#operator/runtime/api-resource.js';
import { EventRecorder } from '#operator/runtime/event-recorder.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { objectsOf } from './kube-objects.js';
import { type Subject, describeSubjects } from './kube-subject.js';

describeSubjects('events', contract);

function contract(subject: Subject): void {
  const { configMap, aWidget } = objectsOf(subject);
  it.each([
    ['an object in a namespace', () => configMap({ a: '1' })],
    ['an object of the whole cluster', () => aWidget({})],
  ])('takes events about %s, and counts those that repeat', async (_case, make) => {
    const troubles: unknown[] = [];
    const recorder = new EventRecorder({
      client: subject.client,
      timers: new SystemTimers(),
      controller: 'test.whisperengine.ai/operator',
      instance: 'operator-0',
      onTrouble: (error) => troubles.push(error),
    });
    const made = await subject.client.create(make());
    const regarding = await subject.client.get(refOf(made));
    const note = { type: 'Warning' as const, reason: 'ShardDown', action: 'Provision', note: 'no answer' };

    recorder.record({ ...note, regarding });
    recorder.record({ ...note, regarding });
    recorder.record({ ...note, regarding, type: 'Normal', reason: 'ShardUp', note: 'it answers' });
    await recorder.flush();

    const namespace = made.metadata.namespace ?? 'default';
    const { items } = await subject.client.list({ apiVersion: 'events.k8s.io/v1', kind: 'Event' }, { namespace });
    const about = items.filter((event) => uidOf(event) === made.metadata.uid);
    expect(troubles).toEqual([]);
    expect(about.map(({ reason, note: words, series }) => ({ reason, words, series })).sort(byReason)).toMatchObject([
      { reason: 'ShardDown', words: 'no answer', series: { count: 2 } },
      { reason: 'ShardUp', words: 'it answers' },
    ]);
  });
}

const uidOf = (event: KubeObject) => (event['regarding'] as { uid?: string }).uid;
const byReason = (one: { reason: unknown }, other: { reason: unknown }) =>
  String(one.reason) < String(other.reason) ? -1 : 1;
