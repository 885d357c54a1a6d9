import { keyOf } from './api-resource.js';
import type { KubeMetadata } from './kube-object.js';

/** What a cache holds: whole objects, or what a transform left of them. */
export interface Cached {
  readonly metadata: Pick<KubeMetadata, 'name' | 'namespace' | 'resourceVersion'>;
}

/** Under which values an object is found, for each index. */
export type Indexers<Item extends Cached> = Readonly<Record<string, (item: Item) => readonly string[]>>;

/** Objects of one kind by key, and by what the indexers say of them. */
export class ObjectCache<Item extends Cached> {
  private readonly items = new Map<string, Item>();
  private readonly indexes = new Map<string, Map<string, Set<string>>>();

  constructor(private readonly indexers: Indexers<Item>) {
    for (const name of Object.keys(indexers)) this.indexes.set(name, new Map());
  }

  get size(): number {
    return this.items.size;
  }

  /** By `namespace/name`, or `name` for kinds without namespaces. */
  get(key: string): Item | undefined {
    return this.items.get(key);
  }

  keys(): string[] {
    return [...this.items.keys()];
  }

  list(): Item[] {
    return [...this.items.values()];
  }

  /** The objects that the indexer `index` put under `value`. */
  byIndex(index: string, value: string): Item[] {
    const keys = this.indexes.get(index)?.get(value) ?? [];
    return [...keys].flatMap((key) => this.items.get(key) ?? []);
  }

  /** The object it takes the place of, if any. */
  put(item: Item): Item | undefined {
    const key = keyOf(item.metadata);
    const before = this.items.get(key);
    if (before !== undefined) this.unindex(key, before);
    this.items.set(key, item);
    for (const [name, values] of this.valuesOf(item))
      for (const value of values) {
        const index = this.indexes.get(name);
        const keys = index?.get(value) ?? new Set();
        keys.add(key);
        index?.set(value, keys);
      }
    return before;
  }

  remove(key: string): Item | undefined {
    const before = this.items.get(key);
    if (before === undefined) return undefined;
    this.unindex(key, before);
    this.items.delete(key);
    return before;
  }

  private unindex(key: string, item: Item): void {
    for (const [name, values] of this.valuesOf(item))
      for (const value of values) {
        const keys = this.indexes.get(name)?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) this.indexes.get(name)?.delete(value);
      }
  }

  private valuesOf(item: Item): [string, readonly string[]][] {
    return Object.entries(this.indexers).map(([name, indexer]) => [name, indexer(item)]);
  }
}
