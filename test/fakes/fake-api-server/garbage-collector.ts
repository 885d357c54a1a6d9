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
  /** New objects with owners, who may be gone already. */
  private fresh: KubeObject[] = [];
  /** Something was deleted, or is about to be: everything may be concerned. */
  private isDirty = false;

  constructor(
    private readonly store: ObjectStore,
    private readonly writes: Writes,
    private readonly resources: () => readonly FakeResource[],
  ) {
    store.listen(({ before, after }) => {
      if (after === null || after.metadata.deletionTimestamp !== undefined) this.isDirty = true;
      else if (before === null && after.metadata.ownerReferences !== undefined) this.fresh.push(after);
    });
  }

  /** Works until there is nothing left to do. */
  run(): void {
    for (const object of this.fresh.splice(0)) this.visit(object);
    while (this.isDirty) {
      this.isDirty = false;
      for (const object of this.store.all()) this.visit(object);
    }
  }

  private visit(object: KubeObject): void {
    const { deletionTimestamp, ownerReferences = [] } = object.metadata;
    if (deletionTimestamp === undefined && ownerReferences.length === 0) return;
    const target = this.targetOf(object);
    if (target === null || this.store.get(target.resource, object.metadata) !== object) return;
    if (deletionTimestamp !== undefined) this.finish(target, object);
    else if (!ownerReferences.some((owner) => this.store.hasUid(owner.uid))) this.writes.delete(target, {}, false);
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
