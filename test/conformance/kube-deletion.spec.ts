import { describe, expect, it } from '@jest/globals';
import { refOf } from '#operator/runtime/api-resource.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { until } from '../support/until.js';
import { failure, objectsOf } from './kube-objects.js';
import { type Subject, describeSubjects } from './kube-subject.js';

/** The real one collects when it comes to it; of a new kind it hears within 30 s. */
const collectedMs = 120_000;
const collectionMs = 150_000;

describeSubjects('deletion', contract);

function contract(subject: Subject): void {
  const { name, configMap, aWidget } = objectsOf(subject);

  describe('deletion', () => {
    it('deletes only the very object that a precondition names', async () => {
      const made = await subject.client.create(configMap({}));
      const wrong = { uid: '00000000-0000-0000-0000-000000000000' };

      expect((await failure(subject.client.delete(refOf(made), { preconditions: wrong }))).status).toBe(409);
      expect(await subject.client.delete(refOf(made), { preconditions: { uid: made.metadata.uid ?? '' } })).toBe(true);
      expect(await subject.client.find(refOf(made))).toBeNull();
    });

    it('keeps an object with finalizers, marked, until the last of them is gone', async () => {
      const made = await subject.client.create(aWidget({}, { finalizers: ['test.whisperengine.ai/wait'] }));
      await subject.client.delete(refOf(made));
      const marked = await subject.client.get(refOf(made));

      await subject.client.patch(refOf(made), { metadata: { finalizers: null } });

      expect(marked.metadata.deletionTimestamp).toBeDefined();
      expect(await subject.client.find(refOf(made))).toBeNull();
    });

    it(
      'collects what a deleted owner owned, also over the border of a namespace',
      async () => {
        const owner = await subject.client.create(aWidget({}));
        const owned = await subject.client.create(configMap({}, { ownerReferences: [ownerOf(owner)] }));
        const free = await subject.client.create(configMap({}));

        await subject.client.delete(refOf(owner));

        await until(async () => (await subject.client.find(refOf(owned))) === null, collectedMs);
        expect(await subject.client.find(refOf(free))).not.toBeNull();
      },
      collectionMs,
    );

    it(
      'lets what was owned live on when the owner is deleted as an orphaning one',
      async () => {
        const owner = await subject.client.create(aWidget({}));
        const owned = await subject.client.create(configMap({}, { ownerReferences: [ownerOf(owner)] }));

        await subject.client.delete(refOf(owner), { propagation: 'Orphan' });

        await until(async () => (await subject.client.find(refOf(owner))) === null, collectedMs);
        expect((await subject.client.get(refOf(owned))).metadata.ownerReferences ?? []).toEqual([]);
      },
      collectionMs,
    );

    it(
      'deletes an owner after what it owned when that is asked for',
      async () => {
        const owner = await subject.client.create(aWidget({}));
        const references = [{ ...ownerOf(owner), blockOwnerDeletion: true }];
        const held = configMap({}, { ownerReferences: references, finalizers: ['test.whisperengine.ai/wait'] });
        const owned = await subject.client.create(held);

        await subject.client.delete(refOf(owner), { propagation: 'Foreground' });
        await until(
          async () => (await subject.client.get(refOf(owned))).metadata.deletionTimestamp !== undefined,
          collectedMs,
        );

        expect((await subject.client.get(refOf(owner))).metadata.deletionTimestamp).toBeDefined();
        await subject.client.patch(refOf(owned), { metadata: { finalizers: null } });
        await until(async () => (await subject.client.find(refOf(owner))) === null, collectedMs);
      },
      collectionMs,
    );

    it(
      'deletes a namespace with all that is in it, and takes nothing new meanwhile',
      async () => {
        const space = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: name('space') } };
        await subject.client.create(space);
        const held = { namespace: space.metadata.name, finalizers: ['test.whisperengine.ai/wait'] };
        const inside = await subject.client.create(configMap({}, held));

        await subject.client.delete(refOf(space));
        const late = configMap({}, { namespace: space.metadata.name });
        await until(async () => (await failure(subject.client.create(late))).status === 403, collectedMs);

        await subject.client.patch(refOf(inside), { metadata: { finalizers: null } });
        await until(async () => (await subject.client.find(refOf(space))) === null, collectedMs);
      },
      collectionMs,
    );
  });
}

function ownerOf(object: KubeObject) {
  const { apiVersion, kind, metadata } = object;
  return { apiVersion, kind, name: metadata.name, uid: metadata.uid };
}
