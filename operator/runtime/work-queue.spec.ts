import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { ItemBackoff, TokenBucket } from './rate-limit.js';
import { runtimeMetrics } from './runtime-metrics.js';
import { WorkQueue } from './work-queue.js';

const queueWith = (timers = new ManualTimers()) => ({ timers, queue: new WorkQueue({ name: 'test', timers }) });

/** Takes all that wait now, and lets go of them. */
async function drain(queue: WorkQueue): Promise<string[]> {
  const keys: string[] = [];
  while (queue.length > 0) {
    const key = (await queue.take()) ?? '';
    keys.push(key);
    queue.done(key);
  }
  return keys;
}

describe('work queue', () => {
  it('keeps a key once, however often it is added', async () => {
    const { queue } = queueWith();

    for (let time = 0; time < 5; time += 1) queue.add('a');
    queue.add('b');

    expect(await drain(queue)).toEqual(['a', 'b']);
  });

  it('gives what a person changed first, then what children did, then what is only looked at again', async () => {
    const { queue } = queueWith();
    queue.add('resync', 'resync');
    queue.add('child', 'child');
    queue.add('user', 'user');

    expect(await drain(queue)).toEqual(['user', 'child', 'resync']);
  });

  it('raises a key that waits to a higher priority, and never lowers it', async () => {
    const { queue } = queueWith();
    queue.add('a', 'resync');
    queue.add('b', 'child');
    queue.add('a', 'user');
    queue.add('a', 'resync');

    expect(await drain(queue)).toEqual(['a', 'b']);
  });

  it('gives no key to two workers, and gives it again when it was added meanwhile', async () => {
    const { queue } = queueWith();
    queue.add('a');
    const first = await queue.take();
    queue.add('a');

    expect([first, queue.length, queue.running]).toEqual(['a', 0, 1]);
    queue.done('a');
    expect(await drain(queue)).toEqual(['a']);
    expect(queue.length).toBe(0);
  });

  it('wakes a worker that waits', async () => {
    const { queue } = queueWith();
    const taken = queue.take();

    queue.add('a');

    expect(await taken).toBe('a');
  });

  it('adds a key at the earliest of the times it was given', async () => {
    const { queue, timers } = queueWith();
    queue.addAfter('a', 1000);
    queue.addAfter('a', 500);
    queue.addAfter('a', 2000);

    await timers.advance(499);
    expect(queue.length).toBe(0);
    await timers.advance(1);
    expect(await drain(queue)).toEqual(['a']);
    await timers.advance(5000);
    expect(queue.length).toBe(0);
  });

  it('waits twice as long after each failure of a key, up to five minutes, and forgets it after a success', () => {
    const { queue } = queueWith();

    const waits = Array.from({ length: 18 }, () => queue.addRateLimited('a'));

    expect(waits.slice(0, 4)).toEqual([5, 10, 20, 40]);
    expect(waits.at(-1)).toBe(300_000);
    queue.forget('a');
    expect(queue.addRateLimited('a')).toBe(5);
  });

  it('spreads a storm of failing keys: 100 at once, then ten a second', () => {
    const { queue } = queueWith();

    const waits = Array.from({ length: 110 }, (_, index) => queue.addRateLimited(`key-${index}`));

    expect(waits[99]).toBe(5);
    expect(waits[109]).toBeCloseTo(1000);
  });

  it('ends its workers when it is closed, and takes nothing more', async () => {
    const { queue, timers } = queueWith();
    const waiting = queue.take();
    queue.addAfter('a', 10);
    queue.close();
    queue.add('b');
    await timers.advance(20);

    expect([await waiting, await queue.take(), queue.length]).toEqual([null, null, 0]);
  });

  it('tells the figures that dashboards of client-go ask for', async () => {
    const registry = new Registry();
    const timers = new ManualTimers();
    const queue = new WorkQueue({ name: 'tenant', timers, metrics: runtimeMetrics(registry) });
    queue.add('a');
    queue.add('b', 'user');
    await timers.advance(2000);
    await queue.take();
    await timers.advance(3000);
    queue.measure();

    const text = await registry.metrics();

    const labels = 'name="tenant",controller="tenant"';
    expect(text).toContain(`workqueue_adds_total{${labels}} 2`);
    expect(text).toContain(`workqueue_depth{${labels},priority="child"} 1`);
    expect(text).toContain(`workqueue_queue_duration_seconds_sum{${labels}} 2`);
    expect(text).toContain(`workqueue_longest_running_processor_seconds{${labels}} 3`);
    expect(queue.longestRunningMs()).toBe(3000);
  });
});

describe('limits', () => {
  it('counts the failures of each key apart', () => {
    const backoff = new ItemBackoff(10, 1000);

    expect([backoff.next('a'), backoff.next('a'), backoff.next('b')]).toEqual([10, 20, 10]);
    expect(backoff.failuresOf('a')).toBe(2);
  });

  it('lets a burst pass, then the rate, and is full again after a rest', async () => {
    const timers = new ManualTimers();
    const bucket = new TokenBucket(timers, 2, 3);

    expect([bucket.take(), bucket.take(), bucket.take(), bucket.take()]).toEqual([true, true, true, false]);
    await timers.advance(500);
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    await timers.advance(60_000);
    expect(bucket.isFull).toBe(true);
  });
});
