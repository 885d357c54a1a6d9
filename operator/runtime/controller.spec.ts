import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { until } from '#test/support/until.js';
import { Controller, type Reconcile, TerminalError } from './controller.js';
import { startProbes } from './probes.js';
import { runtimeMetrics } from './runtime-metrics.js';
import { WorkQueue } from './work-queue.js';

describe('controller', () => {
  let timers: ManualTimers;
  let queue: WorkQueue;
  let stop: AbortController;
  let registry: Registry;
  let ended: Promise<void>;
  beforeEach(() => {
    timers = new ManualTimers();
    registry = new Registry();
    stop = new AbortController();
  });
  afterEach(async () => {
    stop.abort();
    await ended;
  });

  const failures: [string, string, number | null][] = [];
  const start = (reconcile: Reconcile, options: { workers?: number; timeoutMs?: number } = {}) => {
    failures.length = 0;
    const metrics = runtimeMetrics(registry);
    queue = new WorkQueue({ name: 'test', timers, metrics });
    const onFailure = (key: string, error: unknown, retryInMs: number | null) =>
      failures.push([key, error instanceof Error ? error.message : '', retryInMs]);
    const controller = new Controller({ name: 'test', queue, reconcile, timers, metrics, onFailure, ...options });
    ended = controller.run(stop.signal);
    return controller;
  };

  it('reconciles keys side by side, and never one key twice at once', async () => {
    const running = new Map<string, number>();
    let most = 0;
    const opened: (() => void)[] = [];
    start(
      async (key) => {
        running.set(key, (running.get(key) ?? 0) + 1);
        most = Math.max(most, running.get(key) ?? 0);
        await new Promise<void>((resolve) => opened.push(resolve));
        running.set(key, (running.get(key) ?? 0) - 1);
        return {};
      },
      { workers: 3 },
    );

    for (const key of ['a', 'b', 'a', 'a']) queue.add(key);
    await until(() => opened.length === 2);
    queue.add('a');
    for (const open of opened.splice(0)) open();
    await until(() => opened.length === 1);
    for (const open of opened.splice(0)) open();
    await until(() => queue.running === 0);

    expect(most).toBe(1);
  });

  it('keeps hearing of other keys while one is slow', async () => {
    const seen: string[] = [];
    start(
      async (key, { signal }) => {
        seen.push(key);
        if (key === 'slow') await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        return {};
      },
      { workers: 2 },
    );
    queue.add('slow');
    await until(() => seen.length === 1);

    for (const key of ['a', 'b', 'c']) queue.add(key);

    await until(() => seen.length === 4);
    expect(seen).toEqual(['slow', 'a', 'b', 'c']);
  });

  it('tries a failed key again, later each time', async () => {
    let left = 3;
    start(() => {
      left -= 1;
      if (left >= 0) return Promise.reject(new Error('not yet'));
      return Promise.resolve({});
    });
    queue.add('a');

    await timers.advance(1000);

    expect(failures).toEqual([
      ['a', 'not yet', 5],
      ['a', 'not yet', 10],
      ['a', 'not yet', 20],
    ]);
    expect(queue.failuresOf('a')).toBe(0);
  });

  it('leaves a key alone after a failure that no repetition mends', async () => {
    start(() => Promise.reject(new TerminalError('the manifest is wrong')));
    queue.add('a');

    await timers.advance(3_600_000);

    expect(failures).toEqual([['a', 'the manifest is wrong', null]]);
    expect(await registry.metrics()).toContain(
      'controller_runtime_terminal_reconcile_errors_total{controller="test"} 1',
    );
  });

  it('comes back to a key when it is asked to', async () => {
    const times: number[] = [];
    start(() => {
      times.push(timers.elapsedMs());
      return Promise.resolve(times.length < 3 ? { requeueAfterMs: 60_000 } : {});
    });
    queue.add('a');

    await timers.advance(600_000);

    expect(times).toEqual([0, 60_000, 120_000]);
    expect(await registry.metrics()).toContain(
      'controller_runtime_reconcile_total{controller="test",result="requeue_after"} 2',
    );
  });

  it('ends a reconcile that takes too long, and says of one that does not end that it is stuck', async () => {
    let isDeaf = false;
    const controller = start(
      (_key, { signal }) =>
        new Promise((_resolve, reject) => {
          if (!isDeaf) signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
          else signal.addEventListener('abort', () => undefined);
          stop.signal.addEventListener('abort', () => reject(new Error('stopped')), { once: true });
        }),
      { timeoutMs: 1000, workers: 1 },
    );
    queue.add('a');
    await timers.advance(1000);
    expect(failures[0]?.[1]).toBe('no answer within 1000 ms');

    isDeaf = true;
    await timers.advance(30_000);
    expect(controller.isStuck).toBe(false);
    await timers.advance(60_000);
    expect(controller.isStuck).toBe(true);
  });

  it('waits for what runs before it ends, and begins nothing new', async () => {
    const seen: string[] = [];
    let finish: () => void = () => undefined;
    start(
      async (key) => {
        seen.push(key);
        await new Promise<void>((resolve) => {
          finish = resolve;
        });
        return {};
      },
      { workers: 1 },
    );
    queue.add('a');
    queue.add('b');
    await until(() => seen.length === 1);
    let isOver = false;
    void ended.then(() => (isOver = true));

    stop.abort();
    await timers.advance(1);
    expect(isOver).toBe(false);
    finish();
    await ended;

    expect(seen).toEqual(['a']);
  });
});

describe('probes', () => {
  it('answers the kubelet and Prometheus', async () => {
    const registry = new Registry();
    runtimeMetrics(registry);
    let trouble: string | null = 'caches are not filled yet';
    const probes = await startProbes({
      port: 0,
      host: '127.0.0.1',
      live: { workers: () => null },
      ready: { informers: () => trouble },
      registry,
    });
    const get = async (path: string) => {
      const answer = await fetch(`http://127.0.0.1:${probes.port}${path}`);
      return [answer.status, await answer.text()];
    };

    try {
      expect(await get('/livez')).toEqual([200, '[+]workers ok\nok\n']);
      expect(await get('/readyz')).toEqual([503, '[-]informers failed: caches are not filled yet\nnot ok\n']);
      trouble = null;
      expect(await get('/readyz')).toEqual([200, '[+]informers ok\nok\n']);
      expect((await get('/metrics'))[1]).toContain('workqueue_depth');
      expect((await get('/other'))[0]).toBe(404);
    } finally {
      await probes.close();
    }
  });
});
