import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FakeApiServer, issuerDocuments } from '#test/fakes/fake-api-server/fake-api-server.js';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { until } from '#test/support/until.js';
import { ClusterKeysWatch } from './cluster-keys.js';
import { KubeClient } from './runtime/client.js';
import { ResourceTable } from './runtime/resource-table.js';
import { KubeTransport } from './runtime/transport.js';

describe('the keys of a cluster’s pods', () => {
  let api: FakeApiServer;
  let timers: ManualTimers;
  let transport: KubeTransport;
  let watch: ClusterKeysWatch;
  let changes: number;
  let troubles: unknown[];
  let stop: AbortController;
  beforeEach(async () => {
    api = await FakeApiServer.start();
    timers = new ManualTimers();
    transport = new KubeTransport({ connection: api.connection, timers, random: () => 0 });
    [changes, troubles, stop] = [0, [], new AbortController()];
    watch = new ClusterKeysWatch({
      client: new KubeClient(transport, new ResourceTable(transport)),
      timers,
      onTrouble: (error) => troubles.push(error),
    });
    watch.onChange(() => (changes += 1));
  });
  afterEach(async () => {
    stop.abort();
    transport.close();
    await api.stop();
  });
  const kids = () =>
    (JSON.parse(watch.current ?? '{"keys":[]}') as { keys: { kid: string }[] }).keys.map((key) => key.kid);
  const wait = async (ms: number) => {
    const asked = api.requests.length;
    await timers.advance(ms);
    await until(() => api.requests.length >= asked + 2);
    await until(() => timers.pending === 1);
  };

  it('are those that the API server publishes, with its issuer', async () => {
    expect(watch.current).toBeNull();
    await watch.look(stop.signal);

    expect(JSON.parse(watch.current ?? '')).toMatchObject({
      issuer: 'https://kubernetes.fake',
      keys: [{ kid: 'first' }],
    });
  });

  it('are followed each minute, and told of once for each change', async () => {
    await watch.look(stop.signal);
    void watch.run(stop.signal);
    await wait(60_000);
    expect(changes).toBe(1);

    api.issuer = issuerDocuments('https://kubernetes.fake', 'second');
    await wait(60_000);

    expect([kids(), changes]).toEqual([['second'], 2]);
  });

  it.each<[string, () => void]>([
    ['does not answer', () => api.setDown(true)],
    ['tells nobody any more', () => (api.issuer = {})],
    ['tells no key', () => (api.issuer = { ...api.issuer, '/openid/v1/jwks': { keys: [] } })],
    ['tells no issuer', () => (api.issuer = { ...api.issuer, '/.well-known/openid-configuration': {} })],
  ])('stay as they were where the API server %s', async (_case, breakIt) => {
    await watch.look(stop.signal);
    const before = watch.current;
    breakIt();
    const looking = watch.look(stop.signal);
    // The transport tries again a few times, each later than the last.
    await until(async () => {
      await timers.advance(10_000);
      return troubles.length > 0;
    });
    await looking;

    expect([watch.current, changes, troubles.length]).toEqual([before, 1, 1]);
  });
});
