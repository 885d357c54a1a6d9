import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeApiServer } from '#test/fakes/fake-api-server/fake-api-server.js';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { scalingMetric } from '#test/support/optional-apis.js';
import { until } from '#test/support/until.js';
import { type CapabilityChange, CapabilityWatch } from './capabilities.js';
import { monitorKind, routeKind } from './kinds.js';
import type { KindName } from './runtime/api-resource.js';
import { KubeClient } from './runtime/client.js';
import { apiResource, ResourceTable } from './runtime/resource-table.js';
import { KubeTransport } from './runtime/transport.js';

const everyMs = 300_000;
const routes = apiResource({ ...routeKind, plural: 'httproutes', namespaced: true });
const monitors = apiResource({ ...monitorKind, plural: 'servicemonitors', namespaced: true });
const nothing = { gatewayApi: false, serviceMonitor: false, customMetrics: false };

describe('what the cluster can do', () => {
  let api: FakeApiServer;
  let timers: ManualTimers;
  let transport: KubeTransport;
  let followed: (readonly KindName[])[];
  let changes: CapabilityChange[];
  let refused: Error | null;
  let stop: AbortController;
  beforeEach(async () => {
    api = await FakeApiServer.start();
    timers = new ManualTimers();
    transport = new KubeTransport({ connection: api.connection, timers, random: () => 0 });
    [followed, changes, refused, stop] = [[], [], null, new AbortController()];
  });
  afterEach(async () => {
    stop.abort();
    transport.close();
    await api.stop();
  });

  const open = async () => {
    const watch = await CapabilityWatch.open({
      client: new KubeClient(transport, new ResourceTable(transport)),
      timers,
      onTrouble: () => undefined,
      follow: (kinds) => {
        if (refused !== null) return Promise.reject(refused);
        followed.push(kinds);
        return Promise.resolve();
      },
    });
    watch.onChange((change) => changes.push(change));
    void watch.run(stop.signal);
    return watch;
  };
  /** Lets time go by until the next look, and that look end. */
  const look = async (ms = everyMs) => {
    const asked = api.requests.length;
    await timers.advance(ms);
    await until(() => api.requests.length > asked);
    await until(async () => {
      await timers.advance(0);
      return timers.pending === 1 && (timers.nextMs ?? 0) >= 1_000;
    });
  };
  const isMetrics = ({ path }: { path: string }) => path.includes('custom.metrics');

  it('is seen at the start', async () => {
    for (const each of [routes, monitors, ...scalingMetric.both]) api.register(each);

    expect((await open()).current).toEqual({ gatewayApi: true, serviceMonitor: true, customMetrics: true });
  });

  it('is seen when it comes and when it goes away, each time after the watches follow', async () => {
    const watch = await open();
    api.register(routes);
    await look();

    expect(watch.current).toEqual({ ...nothing, gatewayApi: true });
    expect(changes).toEqual([{ capability: 'gatewayApi', isThere: true }]);
    expect(followed).toEqual([[routeKind]]);

    api.unregister(routeKind);
    await look();

    expect(watch.current).toEqual(nothing);
    expect(changes.at(-1)).toEqual({ capability: 'gatewayApi', isThere: false });
    expect(followed.at(-1)).toEqual([]);
  });

  it.each([
    ['both of our metrics', scalingMetric.both, true],
    ['both, by an adapter of the older version', scalingMetric.older, true],
    ['other metrics only', scalingMetric.others, false],
    ['one of ours only', scalingMetric.both.slice(0, 1), false],
  ])('counts metrics where somebody serves %s', async (_case, resources, expected) => {
    for (const each of resources) api.register(each);

    expect((await open()).current.customMetrics).toBe(expected);
  });

  it.each([
    ['the adapter is away', 503, 'ServiceUnavailable'],
    ['the API server does not let us', 403, 'Forbidden'],
  ])('stays as it was last seen while %s, and is asked for sooner', async (_case, code, reason) => {
    for (const each of scalingMetric.both) api.register(each);
    const watch = await open();
    api.faults.next({ kind: 'status', code, reason }, { times: 4, match: isMetrics });
    await timers.advance(everyMs);
    await until(async () => {
      await timers.advance(1_000);
      return timers.nextMs !== null && timers.nextMs > 1_000 && timers.nextMs <= 30_000;
    });

    expect(watch.current.customMetrics).toBe(true);
    expect(changes).toEqual([]);

    api.faults.clear();
    for (const each of scalingMetric.both) api.unregister(scalingMetric.kindOf(each));
    await look(30_000);

    expect(watch.current.customMetrics).toBe(false);
  });

  it('does not count a kind that cannot be watched, and tries again', async () => {
    const watch = await open();
    api.register(monitors);
    refused = new Error('not to be read');
    await look();

    expect(watch.current).toEqual(nothing);

    refused = null;
    await look(30_000);

    expect(watch.current.serviceMonitor).toBe(true);
  });

  it('refuses to start where the API server does not say which kinds it has', async () => {
    api.faults.next(
      { kind: 'status', code: 403, reason: 'Forbidden' },
      { match: ({ path }) => path.includes('gateway') },
    );

    await expect(open()).rejects.toMatchObject({ status: 403 });
  });

  it('asks four times in five minutes at rest', async () => {
    await open();
    const before = api.requests.length;
    await look();

    expect(api.requests.length - before).toBe(4);
  });
});
