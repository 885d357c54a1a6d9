import { describe, expect, it } from '@jest/globals';
import { refOf } from '#operator/runtime/api-resource.js';
import type { ListOptions } from '#operator/runtime/client.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { type WatchEvent, watchStream } from '#operator/runtime/watch-stream.js';
import { failure, objectsOf } from './kube-objects.js';
import { type Subject, describeSubjects, widget } from './kube-subject.js';

describeSubjects('lists and watches', contract);

function contract(subject: Subject): void {
  const { configMap, aWidget } = objectsOf(subject);

  describe('lists', () => {
    const group = async (label: string) => {
      for (const index of ['0', '1', '2', '3', '4']) {
        await subject.client.create(configMap({}, { labels: { group: label, index } }));
      }
    };
    const names = async (options: ListOptions) => {
      const { items } = await subject.client.list({ apiVersion: 'v1', kind: 'ConfigMap' }, options);
      return items.map((item) => item.metadata.labels?.['index'] ?? '').sort();
    };

    it('gives a list whole, whatever the size of its pages', async () => {
      await group('pages');
      const options = { namespace: subject.namespace, labelSelector: 'group=pages' };

      expect(await names({ ...options, pageSize: 2 })).toEqual(['0', '1', '2', '3', '4']);
      expect(await names(options)).toEqual(['0', '1', '2', '3', '4']);
    });

    it.each([
      ['group=labels,index=1', ['1']],
      ['group=labels,index!=1', ['0', '2', '3', '4']],
      ['group=labels,index in (2,3)', ['2', '3']],
      ['group=labels,index notin (2,3)', ['0', '1', '4']],
      ['group=labels,none', []],
      ['group=labels,!none', ['0', '1', '2', '3', '4']],
    ])('selects by labels: %s', async (labelSelector, expected) => {
      if ((await names({ labelSelector: 'group=labels' })).length === 0) await group('labels');

      expect(await names({ labelSelector })).toEqual(expected);
    });

    it('selects by name', async () => {
      const made = await subject.client.create(configMap({}));
      const kind = { apiVersion: 'v1', kind: 'ConfigMap' };

      const list = await subject.client.list(kind, { fieldSelector: `metadata.name=${made.metadata.name}` });

      expect(list.items.map(({ metadata }) => metadata.uid)).toEqual([made.metadata.uid]);
      expect(list.items[0]).toMatchObject(kind);
    });
  });

  describe('the keys of ServiceAccount tokens', () => {
    const get = (path: string, accept?: string) =>
      subject.client.transport.request({ method: 'GET', path, ...(accept === undefined ? {} : { accept }) });

    it('are published as a set of keys, beside the issuer', async () => {
      expect(await get('/openid/v1/jwks', 'application/jwk-set+json')).toMatchObject({
        keys: [{ kty: 'RSA', use: 'sig', kid: expect.any(String) as unknown }],
      });
      expect(await get('/.well-known/openid-configuration')).toMatchObject({
        issuer: expect.stringMatching(/^https:/) as unknown,
      });
    });

    it('are in no other form', async () => {
      await expect(get('/openid/v1/jwks')).rejects.toMatchObject({ status: 406 });
    });
  });

  describe('watches', () => {
    const watch = (query: Record<string, string>, options: { path?: string; seconds?: number } = {}) => {
      const controller = new AbortController();
      const path = options.path ?? `/api/v1/namespaces/${subject.namespace}/configmaps`;
      const call = { path, query, signal: controller.signal, timeoutSeconds: options.seconds ?? 30 };
      const events = watchStream(subject.client.transport, new SystemTimers(), call);
      return { events, stop: () => controller.abort() };
    };
    const gather = async (events: AsyncGenerator<WatchEvent>, wanted: number): Promise<WatchEvent[]> => {
      const seen: WatchEvent[] = [];
      for await (const event of events) {
        if (event.kind !== 'bookmark') seen.push(event);
        if (seen.length >= wanted) break;
      }
      return seen;
    };
    const labelled = (label: string) => configMap({ a: '1' }, { labels: { watch: label } });
    const story = (events: readonly WatchEvent[]) =>
      events.map((event) => `${event.kind} ${event.kind === 'bookmark' ? '' : JSON.stringify(dataOf(event.object))}`);

    it('goes on from where it was, with every change since', async () => {
      const object = await subject.client.create(labelled('resume'));
      const ref = refOf(object);
      await subject.client.patch(ref, { data: { a: '2' } });
      await subject.client.patch(ref, { data: { a: '3' } });
      await subject.client.delete(ref);

      const resourceVersion = object.metadata.resourceVersion ?? '';
      const { events, stop } = watch({ labelSelector: 'watch=resume', resourceVersion });
      const seen = await gather(events, 3);
      stop();

      expect(story(seen)).toEqual(['put {"a":"2"}', 'put {"a":"3"}', 'removed {"a":"3"}']);
    });

    it('says of an object that no longer fits that it is gone', async () => {
      const object = await subject.client.create(labelled('fits'));
      const resourceVersion = object.metadata.resourceVersion ?? '';
      await subject.client.patch(refOf(object), { metadata: { labels: { watch: 'other' } } });

      const { events, stop } = watch({ labelSelector: 'watch=fits', resourceVersion });
      const seen = await gather(events, 1);
      stop();

      expect(seen.map(({ kind }) => kind)).toEqual(['removed']);
    });

    it('begins with all there is where that is asked for, and marks the end of it', async () => {
      await subject.client.create(labelled('begin'));
      await subject.client.create(labelled('begin'));
      const query = { sendInitialEvents: 'true', resourceVersionMatch: 'NotOlderThan', labelSelector: 'watch=begin' };
      const { events, stop } = watch(query);
      const kinds: string[] = [];

      for await (const event of events) {
        kinds.push(event.kind);
        if (event.kind === 'bookmark' && event.isInitialEnd) break;
      }
      stop();

      expect(kinds).toEqual(['put', 'put', 'bookmark']);
    });

    it('says with 410 that it has forgotten a moment long ago', async () => {
      await subject.client.create(aWidget({}));
      await subject.client.list(widget);
      const { events } = watch({ resourceVersion: '1' }, { path: '/apis/test.whisperengine.ai/v1/widgets' });
      subject.forget();

      const error = await failure(gather(events, 1));

      expect(error.isExpired).toBe(true);
    });

    it('ends politely after the time that was asked for', async () => {
      const { resourceVersion } = await subject.client.list({ apiVersion: 'v1', kind: 'ConfigMap' });
      const { events } = watch({ resourceVersion, labelSelector: 'watch=nothing' }, { seconds: 1 });

      expect(await gather(events, 1)).toEqual([]);
    });
  });

  describe('kinds', () => {
    it('finds a kind that no table names', async () => {
      expect(await subject.client.resources.find(widget)).toEqual({
        group: 'test.whisperengine.ai',
        version: 'v1',
        kind: 'Widget',
        plural: 'widgets',
        namespaced: false,
      });
    });

    it.each([
      ['a group that is not there', { apiVersion: 'none.whisperengine.ai/v1', kind: 'Widget' }],
      ['a kind that is not in its group', { apiVersion: 'test.whisperengine.ai/v1', kind: 'Gadget' }],
    ])('says so of %s', async (_case, kind) => {
      expect(await subject.client.resources.discover(kind)).toBeNull();
      expect((await failure(subject.client.list(kind))).reason).toBe('NoKindMatch');
    });
  });
}

const dataOf = (object: KubeObject) => object['data'];
