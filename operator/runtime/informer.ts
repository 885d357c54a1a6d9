import { type KindName, keyOf } from './api-resource.js';
import type { KubeClient } from './client.js';
import { KubeApiError } from './kube-api-error.js';
import type { KubeObject } from './kube-object.js';
import { type Cached, type Indexers, ObjectCache } from './object-cache.js';
import { type Mirror, Reflector } from './reflector.js';
import { type Timers, sleep } from './timers.js';

/** Hears of changes. Handlers only add keys to a queue: whatever they do holds up all that follows. */
export interface ChangeHandler<Item> {
  /** `isInitial` for what was there when we first looked: nobody changed it just now. */
  added?(item: Item, isInitial: boolean): void;
  updated?(item: Item, before: Item): void;
  deleted?(before: Item): void;
}

interface InformerOptions<Item extends Cached> {
  readonly client: KubeClient;
  readonly kind: KindName;
  readonly timers: Timers;
  /** What is kept of each object: a smaller one holds less memory. Cached objects are never changed. */
  readonly transform: (object: KubeObject) => Item;
  readonly indexers?: Indexers<Item>;
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  /** Hears of failures that are about to be mended, and of handlers that failed. */
  readonly onTrouble?: (error: unknown) => void;
  readonly random?: () => number;
}

/** How soon a kind that the cluster does not have (yet) is asked for again. */
const missingKindMs = 10_000;

/** One watch of a kind, shared by all who want to know of it, with its objects in memory. */
export class SharedInformer<Item extends Cached = KubeObject> {
  private readonly cache: ObjectCache<Item>;
  private readonly handlers: ChangeHandler<Item>[] = [];
  private readonly whenSynced: (() => void)[] = [];
  private isSynced = false;

  constructor(private readonly options: InformerOptions<Item>) {
    this.cache = new ObjectCache(options.indexers ?? {});
  }

  get kind(): KindName {
    return this.options.kind;
  }

  /** The whole kind has been seen at least once: what is not in memory is not there. */
  get hasSynced(): boolean {
    return this.isSynced;
  }

  get size(): number {
    return this.cache.size;
  }

  /** By `namespace/name`, or `name` for kinds without namespaces. */
  get(key: string): Item | undefined {
    return this.cache.get(key);
  }

  list(): Item[] {
    return this.cache.list();
  }

  byIndex(index: string, value: string): Item[] {
    return this.cache.byIndex(index, value);
  }

  /** Tells `handler` of all there is, and of every change from now on. */
  on(handler: ChangeHandler<Item>): void {
    this.handlers.push(handler);
    for (const item of this.cache.list()) this.guard(() => handler.added?.(item, true));
  }

  /** Works until `signal` aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    const { client, kind, timers, onTrouble } = this.options;
    while (!signal.aborted) {
      try {
        const resource = await client.resources.find(kind);
        return await new Reflector({ ...this.options, resource, mirror: this.mirror() }).run(signal);
      } catch (error) {
        onTrouble?.(error);
        await sleep(timers, missingKindMs, signal);
      }
    }
  }

  /** Waits until `hasSynced`. @throws {KubeApiError} `Aborted` when `signal` aborts first */
  waitForSync(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const message = `gave up before all of ${this.options.kind.kind} was seen`;
      const stop = () => reject(new KubeApiError({ status: 0, reason: 'Aborted', message }));
      if (this.isSynced) return resolve();
      if (signal.aborted) return stop();
      signal.addEventListener('abort', stop, { once: true });
      this.whenSynced.push(() => {
        signal.removeEventListener('abort', stop);
        resolve();
      });
    });
  }

  private mirror(): Mirror {
    return {
      replace: (objects) => this.replace(objects),
      put: (object) => this.put(this.options.transform(object)),
      remove: (object) => this.remove(keyOf(object.metadata)),
    };
  }

  private replace(objects: readonly KubeObject[]): void {
    const gone = new Set(this.cache.keys());
    for (const object of objects) {
      const item = this.options.transform(object);
      gone.delete(keyOf(item.metadata));
      this.put(item);
    }
    for (const key of gone) this.remove(key);
    this.isSynced = true;
    for (const resolve of this.whenSynced.splice(0)) resolve();
  }

  private put(item: Item): void {
    const before = this.cache.put(item);
    // A list read again holds mostly what is known already.
    if (before !== undefined && before.metadata.resourceVersion === item.metadata.resourceVersion) return;
    for (const handler of this.handlers)
      this.guard(() =>
        before === undefined ? handler.added?.(item, !this.isSynced) : handler.updated?.(item, before),
      );
  }

  private remove(key: string): void {
    const before = this.cache.remove(key);
    if (before !== undefined) for (const handler of this.handlers) this.guard(() => handler.deleted?.(before));
  }

  /** One handler's failure is not the others', nor the watch's. */
  private guard(run: () => void): void {
    try {
      run();
    } catch (error) {
      this.options.onTrouble?.(error);
    }
  }
}
