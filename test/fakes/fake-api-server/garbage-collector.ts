import { apiVersionOf } from '#operator/runtime/api-resource.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import type { FakeResource } from './fake-resource.js';
import type { ObjectStore } from './object-store.js';
import type { Target } from './request-path.js';
import type { Writes } from './writes.js';

/**
 * What the controller-manager does for every kind: dependents go when their last owner is gone, an owner deleted in the
 * foreground waits for them, an orphaning one lets them go, and a namespace takes its content along.
 */
export class GarbageCollector {
  constructor(
    private readonly store: ObjectStore,
    private readonly writes: Writes,
    private readonly resources: () => readonly FakeResource[],
  ) {}

  /** Works until there is nothing left to do. */
  run(): void {
    for (let changed = true; changed;) {
      const version = this.store.version;
      for (const object of this.store.all()) this.visit(object);
      changed = this.store.version !== version;
    }
  }

  private visit(object: KubeObject): void {
    const target = this.targetOf(object);
    if (target === null || this.store.get(target.resource, object.metadata) !== object) return;
    if (object.metadata.deletionTimestamp !== undefined) this.finish(target, object);
    else if (this.hasLostOwners(object)) this.writes.delete(target, {}, false);
  }

  private finish(target: Target, object: KubeObject): void {
    const finalizers = object.metadata.finalizers ?? [];
    if (object.kind === 'Namespace') return this.finishNamespace(target, object);
    const dependents = this.dependentsOf(object);
    if (finalizers.includes('orphan')) {
      for (const dependent of dependents) this.disown(dependent, object);
      this.dropFinalizer(target, 'orphan');
    } else if (finalizers.includes('foregroundDeletion')) {
      for (const dependent of dependents) this.deleteOnce(dependent);
      if (this.dependentsOf(object).length === 0) this.dropFinalizer(target, 'foregroundDeletion');
    }
  }

  private finishNamespace(target: Target, object: KubeObject): void {
    const content = this.store.all().filter((one) => one.metadata.namespace === object.metadata.name);
    for (const one of content) this.deleteOnce(one);
    const isEmpty = this.store.all().every((one) => one.metadata.namespace !== object.metadata.name);
    if (isEmpty && (object.metadata.finalizers ?? []).length === 0) this.store.remove(target.resource, object);
  }

  private deleteOnce(object: KubeObject): void {
    const target = this.targetOf(object);
    if (target !== null && object.metadata.deletionTimestamp === undefined) this.writes.delete(target, {}, false);
  }

  private hasLostOwners(object: KubeObject): boolean {
    const owners = object.metadata.ownerReferences ?? [];
    const uids = new Set(this.store.all().map((one) => one.metadata.uid));
    return owners.length > 0 && owners.every((owner) => !uids.has(owner.uid));
  }

  private dependentsOf(owner: KubeObject): KubeObject[] {
    const { uid } = owner.metadata;
    return this.store.all().filter((one) => (one.metadata.ownerReferences ?? []).some((ref) => ref.uid === uid));
  }

  private disown(dependent: KubeObject, owner: KubeObject): void {
    const target = this.targetOf(dependent);
    if (target === null) return;
    const kept = (dependent.metadata.ownerReferences ?? []).filter((ref) => ref.uid !== owner.metadata.uid);
    const metadata = { ...dependent.metadata, ownerReferences: kept };
    this.store.put(target.resource, { ...dependent, metadata });
  }

  private dropFinalizer(target: Target, name: string): void {
    this.writes.update(target, collector, (before) => {
      const finalizers = (before.metadata.finalizers ?? []).filter((one) => one !== name);
      return { ...before, metadata: { ...before.metadata, finalizers } };
    });
  }

  private targetOf(object: KubeObject): Target | null {
    const resource = this.resources().find(
      (one) => one.kind === object.kind && apiVersionOf(one) === object.apiVersion,
    );
    if (resource === undefined) return null;
    const { name, namespace } = object.metadata;
    return { resource, name, namespace, subresource: undefined };
  }
}

const collector = { manager: 'kube-controller-manager', isForced: false, isDryRun: false };
