import { describe, expect, it } from '@jest/globals';
import { refOf } from '#operator/runtime/api-resource.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { failure, objectsOf } from './kube-objects.js';
import { type Subject, describeSubjects, widget } from './kube-subject.js';

const one = { fieldManager: 'one' };
const two = { fieldManager: 'two' };

describeSubjects('writes', contract);

function contract(subject: Subject): void {
  const { name, configMap, aWidget } = objectsOf(subject);

  describe('single objects', () => {
    it('gives a new object an id, a version, a birthday and, where the kind has them, a generation', async () => {
      const { metadata } = await subject.client.create(aWidget({ size: 1 }));

      expect(metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
      expect(metadata.resourceVersion).toMatch(/^\d+$/);
      expect(metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(metadata.generation).toBe(1);
    });

    it('refuses a second object of the same name', async () => {
      const object = configMap({ a: '1' });
      await subject.client.create(object);

      expect(await failure(subject.client.create(object))).toMatchObject({ status: 409, reason: 'AlreadyExists' });
    });

    it('says that there is no such object', async () => {
      const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: subject.namespace, name: 'none' };

      expect(await failure(subject.client.get(ref))).toMatchObject({ status: 404, reason: 'NotFound' });
      expect(await subject.client.find(ref)).toBeNull();
      expect(await subject.client.delete(ref)).toBe(false);
    });

    it('refuses an object in a namespace that is not there', async () => {
      const object = configMap({}, { namespace: 'nowhere' });

      expect(await failure(subject.client.create(object))).toMatchObject({ status: 404, reason: 'NotFound' });
    });

    it('refuses a replacement of what somebody has changed', async () => {
      const first = await subject.client.create(configMap({ a: '1' }));
      await subject.client.replace({ ...first, data: { a: '2' } });

      const error = await failure(subject.client.replace({ ...first, data: { a: '3' } }));

      expect(error).toMatchObject({ status: 409, reason: 'Conflict' });
      expect(error.isConflict).toBe(true);
    });

    it('leaves the version alone when a write changes nothing', async () => {
      const first = await subject.client.create(configMap({ a: '1' }));

      const again = await subject.client.replace(first);

      expect(again.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('merges a merge patch and removes what is null in it', async () => {
      const made = await subject.client.create(configMap({ a: '1', b: '2' }));

      const after = await subject.client.patch(refOf(made), { data: { a: null, c: '3' } });

      expect(after['data']).toEqual({ b: '2', c: '3' });
    });

    it('does all of a JSON patch or nothing', async () => {
      const made = await subject.client.create(configMap({ a: '1' }));
      const patch = (value: string) => [
        { op: 'add', path: '/data/b', value: '2' },
        { op: 'test', path: '/data/a', value },
      ];

      expect((await failure(subject.client.patch(refOf(made), patch('9'), { type: 'json' }))).status).toBe(422);
      expect((await subject.client.get(refOf(made)))['data']).toEqual({ a: '1' });
      expect((await subject.client.patch(refOf(made), patch('1'), { type: 'json' }))['data']).toEqual({
        a: '1',
        b: '2',
      });
    });

    it('writes nothing in a dry run, and answers as if it had', async () => {
      const object = configMap({ a: '1' });

      expect((await subject.client.apply(object, { ...one, dryRun: true }))['data']).toEqual({ a: '1' });
      expect(await subject.client.find(refOf(object))).toBeNull();

      const made = await subject.client.create(object);
      expect((await subject.client.patch(refOf(made), { data: { a: '2' } }, { dryRun: true }))['data']).toEqual({
        a: '2',
      });
      expect(await subject.client.delete(refOf(made), { dryRun: true })).toBe(true);
      expect((await subject.client.get(refOf(made)))['data']).toEqual({ a: '1' });
    });
  });

  describe('generation and status', () => {
    it('counts a change of the spec, and neither of labels nor of status', async () => {
      const made = await subject.client.create(aWidget({ size: 1 }));
      const ref = refOf(made);

      const labelled = await subject.client.patch(ref, { metadata: { labels: { a: 'b' } } });
      const told = await subject.client.patch(ref, { status: { ready: true } }, { subresource: 'status' });
      const grown = await subject.client.patch(ref, { spec: { size: 2 } });

      expect([labelled, told, grown].map(({ metadata }) => metadata.generation)).toEqual([1, 1, 2]);
      expect(grown['status']).toEqual({ ready: true });
    });

    it('keeps status out of writes to the object, and the spec out of writes to the status', async () => {
      const made = await subject.client.create({ ...aWidget({ size: 1 }), status: { ready: true } });
      const ref = refOf(made);
      const both = { spec: { size: 9 }, status: { ready: false } };

      expect(made['status']).toBeUndefined();
      expect((await subject.client.patch(ref, { status: { ready: true } }))['status']).toBeUndefined();
      expect(await subject.client.patch(ref, both, { subresource: 'status' })).toMatchObject({
        spec: { size: 1 },
        status: { ready: false },
      });
    });

    it('applies a status under a manager of its own', async () => {
      const object = aWidget({ size: 1 });
      await subject.client.apply(object, one);

      const status = { ...widget, metadata: { name: object.metadata.name }, status: { ready: true } };
      const told = await subject.client.applyStatus(status, two);

      expect(told).toMatchObject({ spec: { size: 1 }, status: { ready: true } });
      expect(told.metadata.generation).toBe(1);
      expect(managersOf(told)).toEqual(['one Apply', 'two Apply status']);
    });

    it('refuses the status of an object that is not there', async () => {
      const status = { ...widget, metadata: { name: name('none') }, status: {} };

      expect((await failure(subject.client.applyStatus(status, one))).status).toBe(404);
    });
  });

  describe('server-side apply', () => {
    it('makes an object that is not there, and remembers who applied which field', async () => {
      const made = await subject.client.apply(configMap({ a: '1' }, { labels: { x: 'y' } }), one);

      expect(made.metadata.managedFields).toHaveLength(1);
      expect(made.metadata.managedFields?.[0]).toMatchObject({
        manager: 'one',
        operation: 'Apply',
        fieldsV1: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } },
      });
    });

    it('makes no object anew that is gone, where the applied one says which it was', async () => {
      const object = configMap({ a: '1' });
      const { metadata } = await subject.client.apply(object, { fieldManager: 'one' });
      await subject.client.delete(refOf(object));
      const again = { ...object, metadata: { ...object.metadata, uid: metadata.uid ?? '' } };

      expect(await failure(subject.client.apply(again, { fieldManager: 'one', force: true }))).toMatchObject({
        status: 409,
      });
      expect(await subject.client.find(refOf(object))).toBeNull();
    });

    it('changes nothing the second time', async () => {
      const object = configMap({ a: '1' });
      const first = await subject.client.apply(object, one);

      const second = await subject.client.apply(object, one);

      expect(second.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    });

    it('takes back what the same manager no longer applies', async () => {
      const object = configMap({ a: '1', b: '2' });
      await subject.client.apply(object, one);

      const after = await subject.client.apply({ ...object, data: { a: '1' } }, one);

      expect(after['data']).toEqual({ a: '1' });
    });

    it('refuses to change a field of another manager, whom it names, unless it is forced', async () => {
      const object = configMap({ a: '1' });
      await subject.client.apply(object, one);
      const other = { ...object, data: { a: '2' } };

      const error = await failure(subject.client.apply(other, two));
      const forced = await subject.client.apply(other, { ...two, force: true });

      expect(error).toMatchObject({ status: 409, reason: 'Conflict' });
      expect(error.message).toContain('conflict with "one"');
      expect(error.message).toContain('.data.a');
      expect(forced['data']).toEqual({ a: '2' });
      expect(managersOf(forced)).toEqual(['two Apply']);
    });

    it('lets two managers hold a field with one value, until the last lets go', async () => {
      const object = configMap({ a: '1', b: '2' });
      const less = { ...object, data: { b: '2' } };
      await subject.client.apply(object, one);
      await subject.client.apply(object, two);

      expect((await subject.client.apply(less, one))['data']).toEqual({ a: '1', b: '2' });
      expect((await subject.client.apply(less, two))['data']).toEqual({ b: '2' });
    });

    it('gives a field to whoever changes it by another write, and shows it as a conflict', async () => {
      const object = configMap({ a: '1', b: '2' });
      await subject.client.apply(object, one);

      const edited = await subject.client.patch(refOf(object), { data: { a: '9' } }, { fieldManager: 'hand' });
      const error = await failure(subject.client.apply(object, one));
      const repaired = await subject.client.apply(object, { ...one, force: true });

      expect(managersOf(edited)).toEqual(['hand Update', 'one Apply']);
      expect(error.message).toContain('"hand"');
      expect(repaired['data']).toEqual({ a: '1', b: '2' });
    });

    it('puts back what somebody removed', async () => {
      const object = configMap({ a: '1', b: '2' });
      await subject.client.apply(object, one);
      await subject.client.patch(refOf(object), { data: { a: null } }, { fieldManager: 'hand' });

      expect((await subject.client.apply(object, one))['data']).toEqual({ a: '1', b: '2' });
    });

    it('merges lists whose items have names, and leaves the items of others alone', async () => {
      const object = deployment({ name: name('app'), namespace: subject.namespace });
      await subject.client.apply(object, one);
      const injected = {
        ...object,
        spec: { template: { spec: { containers: [{ name: 'app', env: [{ name: 'EXTRA', value: '1' }] }] } } },
      };
      await subject.client.apply(injected, two);

      const after = await subject.client.apply(object, one);

      const env = containersOf(after)[0]?.env ?? [];
      expect(env.map((entry) => entry.name).sort()).toEqual(['EXTRA', 'MODE']);
      const gone = await subject.client.apply({ ...injected, spec: undefined }, two);
      expect((containersOf(gone)[0]?.env ?? []).map((entry) => entry.name)).toEqual(['MODE']);
    });

    it('leaves replicas to whoever scales when the applied object does not say', async () => {
      const object = deployment({ name: name('app'), namespace: subject.namespace });
      await subject.client.apply(object, one);
      await subject.client.patch(refOf(object), { spec: { replicas: 3 } }, { fieldManager: 'scaler' });

      const after = await subject.client.apply(object, { ...one, force: true });

      expect(after['spec']).toMatchObject({ replicas: 3 });
    });

    it('counts a new generation for a change of the wish only', async () => {
      const object = deployment({ name: name('app'), namespace: subject.namespace });
      const first = await subject.client.apply(object, one);
      const same = await subject.client.apply({ ...object, metadata: { ...object.metadata, labels: { a: 'b' } } }, one);

      expect(same.metadata.generation).toBe(first.metadata.generation);
    });
  });
}

function managersOf(object: KubeObject): string[] {
  return (object.metadata.managedFields ?? [])
    .map((entry) => [entry.manager, entry.operation, entry.subresource].filter(Boolean).join(' '))
    .sort();
}

function deployment(metadata: { name: string; namespace: string }): KubeObject {
  const labels = { app: metadata.name };
  const container = { name: 'app', image: 'example.test/app:1', env: [{ name: 'MODE', value: 'test' }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata,
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers: [container] } } },
  };
}

function containersOf(object: KubeObject): { name: string; env?: { name: string }[] }[] {
  const { template } = object['spec'] as { template: { spec: { containers: { name: string }[] } } };
  return template.spec.containers;
}
