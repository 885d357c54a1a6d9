import { randomUUID } from 'node:crypto';
import { type ApiResource, keyOf } from '#operator/runtime/api-resource.js';
import type { KubeMetadata, KubeObject } from '#operator/runtime/kube-object.js';
import { type FakeResource, drawerOf } from './fake-resource.js';

/** One change, as watches tell it. */
export interface Change {
  readonly version: number;
  readonly drawer: string;
  readonly before: KubeObject | null;
  /** Null when it was deleted. */
  readonly after: KubeObject | null;
}

/** Objects with one history, as etcd keeps them: each write has the next number. */
export class ObjectStore {
  private readonly drawers = new Map<string, Map<string, KubeObject>>();
  private readonly uids = new Set<string>();
  private history: Change[] = [];
  private readonly listeners = new Set<(change: Change) => void>();
  /** Changes up to here are forgotten. */
  floor = 1;
  version = 1;

  get(resource: ApiResource, place: { name: string; namespace?: string }): KubeObject | undefined {
    return this.drawers.get(drawerOf(resource))?.get(keyOf(place));
  }

  /** In the order of their keys. */
  list(resource: FakeResource, namespace: string | undefined): KubeObject[] {
    const entries = [...(this.drawers.get(drawerOf(resource))?.entries() ?? [])];
    return entries
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([, object]) => object)
      .filter((object) => namespace === undefined || object.metadata.namespace === namespace);
  }

  /** Every object of every kind. */
  all(): KubeObject[] {
    return [...this.drawers.values()].flatMap((drawer) => [...drawer.values()]);
  }

  /** Whether an object of that id is there, of whatever kind. */
  hasUid(uid: string): boolean {
    return this.uids.has(uid);
  }

  /** Writes it under the next number and gives it as it stands. */
  put(resource: FakeResource, object: KubeObject): KubeObject {
    const drawer = this.drawers.get(drawerOf(resource)) ?? new Map<string, KubeObject>();
    this.drawers.set(drawerOf(resource), drawer);
    const key = keyOf(object.metadata);
    const before = drawer.get(key) ?? null;
    const after = this.stamped(object);
    drawer.set(key, after);
    this.uids.add(after.metadata.uid ?? '');
    this.tell({ version: this.version, drawer: drawerOf(resource), before, after });
    return after;
  }

  remove(resource: FakeResource, object: KubeObject): KubeObject {
    const last = this.stamped(object);
    this.drawers.get(drawerOf(resource))?.delete(keyOf(object.metadata));
    this.uids.delete(object.metadata.uid ?? '');
    this.tell({ version: this.version, drawer: drawerOf(resource), before: last, after: null });
    return last;
  }

  /** What happened after `version`; null when that is forgotten. */
  since(version: number): Change[] | null {
    if (version < this.floor) return null;
    return this.history.filter((change) => change.version > version);
  }

  /** Forgets all that happened until now. */
  compact(): void {
    this.floor = this.version;
    this.history = [];
  }

  listen(listener: (change: Change) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private stamped(object: KubeObject): KubeObject {
    this.version += 1;
    const metadata: KubeMetadata = { ...object.metadata, resourceVersion: String(this.version) };
    return { ...object, metadata };
  }

  private tell(change: Change): void {
    this.history.push(change);
    for (const listener of this.listeners) listener(change);
  }
}

export const newUid = (): string => randomUUID();
