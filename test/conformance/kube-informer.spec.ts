import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SharedInformer } from '#operator/runtime/informer.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { FakeApiServer } from '#test/fakes/fake-api-server/fake-api-server.js';
import type { SeenRequest } from '#test/fakes/fake-api-server/faults.js';
import { ManualTimers } from '#test/fakes/manual-timers.js';
import { until } from '../support/until.js';
import { clientOver, widget, widgetResource } from './kube-subject.js';

const kind = { apiVersion: 'v1', kind: 'ConfigMap' };
const isWatch = ({ query }: SeenRequest) => query.get('watch') === 'true';
const isList = (request: SeenRequest) => !isWatch(request) && request.path === '/api/v1/configmaps';
const isWhole = ({ query }: SeenRequest) => query.get('sendInitialEvents') === 'true';

describe('informer under faults', () => {
  let fake: FakeApiServer;
  let timers: ManualTimers;
  let stop: AbortController;
  let ended: Promise<void>;
  let troubles: unknown[];
  let story: string[];
  beforeEach(async () => {
    timers = new ManualTimers();
    stop = new AbortController();
    ended = Promise.resolve();
    troubles = [];
    story = [];
    fake = await FakeApiServer.start();
  });
  afterEach(async () => {
    stop.abort();
    await ended;
    await fake.stop();
  });

  const put = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = { of: 'us' }) => ({
    ...kind,
    metadata: { name, namespace: 'default', labels },
    data,
  });
  const ref = (name: string) => ({ ...kind, namespace: 'default', name });
  const client = () => clientOver(fake.connection);
  /** An informer that runs; its story is what handlers were told. */
  const start = (options: { labelSelector?: string } = {}) => {
    const informer = new SharedInformer<KubeObject>({
      client: clientOver(fake.connection, timers),
      kind,
      timers,
      transform: (object) => object,
      indexers: { of: (object) => [object.metadata.labels?.['of'] ?? ''] },
      random: () => 0,
      onTrouble: (error) => troubles.push(error),
      ...options,
    });
    informer.on({
      added: (item, isInitial) => story.push(`${isInitial ? 'was' : 'added'} ${item.metadata.name}`),
      updated: (item) => story.push(`updated ${item.metadata.name} ${JSON.stringify(item['data'])}`),
      deleted: (item) => story.push(`deleted ${item.metadata.name}`),
    });
    ended = informer.run(stop.signal);
    return informer;
  };
  const watches = () => fake.requests.filter(isWatch).length;
  const wholes = () => fake.requests.filter((request) => isWhole(request) || isList(request)).length;
  /** Moves time on until something is so: answers come over a real network meanwhile. */
  const passUntil = (check: () => boolean, stepMs = 100) =>
    until(async () => {
      await timers.advance(stepMs);
      return check();
    });

  it('knows all there is, then every change, by one request', async () => {
    fake.seed(put('a'));
    fake.seed(put('b'));
    const informer = start();
    await informer.waitForSync(stop.signal);

    fake.seed(put('c'));
    await client().patch(ref('a'), { data: { x: '1' } });
    await client().delete(ref('b'));
    await until(() => story.length >= 5);

    expect(story).toEqual(['was a', 'was b', 'added c', 'updated a {"x":"1"}', 'deleted b']);
    expect(informer.list().map(({ metadata }) => metadata.name)).toEqual(['a', 'c']);
    expect(informer.byIndex('of', 'us')).toHaveLength(2);
    expect(
      fake.requests.filter(({ method }) => method === 'GET').filter(({ path }) => path.endsWith('configmaps')),
    ).toHaveLength(1);
  });

  it('sees only what its selector picks, and forgets what no longer fits', async () => {
    fake.seed(put('a'));
    fake.seed(put('b', {}, { of: 'them' }));
    const informer = start({ labelSelector: 'of=us' });
    await informer.waitForSync(stop.signal);

    await client().patch(ref('b'), { metadata: { labels: { of: 'us' } } });
    await client().patch(ref('a'), { metadata: { labels: { of: 'them' } } });
    await until(() => story.length >= 3);

    expect(story).toEqual(['was a', 'added b', 'deleted a']);
  });

  it('goes on after a reset from where it was, without asking for everything', async () => {
    fake.seed(put('a'));
    const informer = start();
    await informer.waitForSync(stop.signal);

    fake.watches.end('reset');
    await until(() => fake.watches.count === 0);
    fake.seed(put('b'));
    await passUntil(() => informer.size === 2);

    expect(story).toEqual(['was a', 'added b']);
    expect(wholes()).toBe(1);
  });

  it('goes on at once after a watch that ended when its time was over', async () => {
    const informer = start();
    await informer.waitForSync(stop.signal);
    await timers.advance(301_000);

    fake.watches.end('closed');
    await until(() => watches() === 2);

    expect([wholes(), troubles]).toEqual([1, []]);
  });

  it('asks for everything again when its place is forgotten, and tells what it missed', async () => {
    fake.seed(put('a'));
    fake.seed(put('b'));
    const informer = start();
    await informer.waitForSync(stop.signal);

    fake.watches.end('reset');
    await until(() => fake.watches.count === 0);
    await client().delete(ref('a'));
    fake.seed(put('c'));
    fake.compact();
    await passUntil(() => informer.size === 2 && story.includes('added c'));

    expect(story).toEqual(['was a', 'was b', 'added c', 'deleted a']);
    expect(wholes()).toBe(2);
  });

  it('slows down in a storm of 410, and ends with the truth', async () => {
    fake.seed(put('a'));
    const informer = start();
    await informer.waitForSync(stop.signal);
    const before = watches();

    const startedAt = timers.elapsedMs();
    while (timers.elapsedMs() - startedAt < 60_000) {
      fake.watches.end('expired');
      await timers.advance(200);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    fake.seed(put('b'));
    await passUntil(() => informer.size === 2, 1000);

    // 0.8 s doubled up to 30 s leaves room for 7 tries in a minute.
    expect(watches() - before).toBeLessThanOrEqual(9);
  });

  it('waits as long as a throttling server says', async () => {
    fake.faults.next(
      { kind: 'status', code: 429, reason: 'TooManyRequests', retryAfterSeconds: 20 },
      { match: isWatch },
    );
    start();
    await until(() => troubles.length === 1);

    await timers.advance(19_000);
    expect(watches()).toBe(1);
    await passUntil(() => watches() === 2, 500);
    expect(timers.elapsedMs()).toBeGreaterThanOrEqual(20_000);
  });

  it('breaks a connection that fell silent, and goes on', async () => {
    const informer = start();
    await informer.waitForSync(stop.signal);
    fake.watches.sendBookmarks();
    fake.seed(put('mark'));
    await until(() => informer.size === 1);

    fake.watches.setSilent(true);
    fake.seed(put('unheard'));
    await timers.advance(89_000);
    expect([watches(), informer.size]).toEqual([1, 1]);
    fake.watches.setSilent(false);
    await passUntil(() => informer.size === 2, 500);

    expect(troubles.map(String)).toEqual([expect.stringMatching(/said nothing for 90000 ms/)]);
    expect(wholes()).toBe(1);
  });

  it('gives up on a watch whose answer does not come', async () => {
    fake.faults.next({ kind: 'hang' }, { match: isWatch });
    const informer = start();
    await until(() => watches() === 1);

    await passUntil(() => informer.hasSynced, 1000);

    expect(timers.elapsedMs()).toBeGreaterThanOrEqual(30_000);
  });

  it('reads the list page by page from a server that cannot stream it', async () => {
    fake.seed(put('a'));
    fake.faults.next({ kind: 'status', code: 422, reason: 'Invalid' }, { match: isWhole, times: 100 });
    const informer = start();

    await informer.waitForSync(stop.signal);
    await until(() => watches() === 2);
    fake.seed(put('b'));
    await until(() => informer.size === 2);

    expect(fake.requests.filter(isList)).toHaveLength(1);
  });

  it('survives a server that is away for five minutes', async () => {
    fake.seed(put('a'));
    const informer = start();
    await informer.waitForSync(stop.signal);

    fake.setDown(true);
    const startedAt = timers.elapsedMs();
    while (timers.elapsedMs() - startedAt < 300_000) {
      await timers.advance(5000);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    expect(troubles.length).toBeLessThan(25);
    fake.setDown(false);
    fake.seed(put('b'));
    await passUntil(() => informer.size === 2, 1000);
  });

  it('is not ended by a handler that fails', async () => {
    const informer = start();
    informer.on({
      added: () => {
        throw new Error('a bug');
      },
    });
    await informer.waitForSync(stop.signal);

    fake.seed(put('a'));
    fake.seed(put('b'));
    await until(() => informer.size === 2);

    expect(story).toEqual(['added a', 'added b']);
    expect(troubles).toHaveLength(2);
  });

  it('waits for a kind that the cluster does not have yet', async () => {
    const informer = new SharedInformer<KubeObject>({
      client: client(),
      kind: widget,
      timers,
      transform: (object) => object,
      onTrouble: (error) => troubles.push(error),
    });
    ended = informer.run(stop.signal);
    await until(() => troubles.length === 1);

    fake.register(widgetResource);
    fake.seed({ ...widget, metadata: { name: 'a' } });
    await passUntil(() => informer.size === 1, 1000);

    expect(informer.hasSynced).toBe(true);
  });

  it('says so when it is told to stop before it knows everything', async () => {
    fake.setDown(true);
    const informer = start();

    await expect(informer.waitForSync(AbortSignal.timeout(20))).rejects.toThrow(
      'gave up before all of ConfigMap was seen',
    );
  });
});
