import { backendKind, childKinds, platformKind, shardKind, tenantKind } from './kinds.js';
import { labelNames, managedBy, sharedComponent } from './resources/names.js';
import { type KindName, keyOf, type ObjectRef } from './runtime/api-resource.js';
import type { KubeClient } from './runtime/client.js';
import { SharedInformer } from './runtime/informer.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { Indexers } from './runtime/object-cache.js';
import type { Timers } from './runtime/timers.js';

interface ViewOptions {
  readonly client: KubeClient;
  readonly timers: Timers;
  /** Of the operator: its Secrets are where manifests' secrets are kept. */
  readonly namespace: string;
  readonly onTrouble: (error: unknown) => void;
}

/** Owner of what the shared apps of pooled tenants need; no tenant can be named so. */
export const platformOwner = '*';
/** A kind that has not been seen whole after this time cannot be read: its server is away, or we may not. */
const longestSyncMs = 30_000;
/** Name of the index that finds what belongs to a tenant. */
const byTenant = 'tenant';
/** Releases of Helm are Secrets of up to a megabyte, and nobody's here. */
const notHelm = 'type!=helm.sh/release.v1';

/** Half of an object are notes of who wrote what; they are read again where they are needed. */
function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _left, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** Hears of a change of an object that we made, with what it was before. */
type HearChild = (object: KubeObject, before: KubeObject | null) => void;

/** Which objects of a kind are watched, and how they are found again. */
interface Scope {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly indexers?: Indexers<KubeObject>;
}

const tenantOf = (object: KubeObject): readonly string[] => {
  const name = object.metadata.labels?.[labelNames.tenant];
  if (name !== undefined) return [name];
  return object.metadata.labels?.[labelNames.component] === sharedComponent ? [platformOwner] : [];
};

/** What the operator knows of the cluster: one watch of each kind, with its objects in memory. */
export class ClusterView {
  readonly tenants: SharedInformer;
  readonly platforms: SharedInformer;
  readonly shards: SharedInformer;
  readonly backends: SharedInformer;
  /** Secrets of the operator's namespace, which manifests refer to. */
  readonly secrets: SharedInformer;
  /** Deployments of the chart in the operator's namespace, those of the shared apps among them. */
  readonly sharedApps: SharedInformer;
  private readonly children = new Map<string, SharedInformer>();
  /** Ends the watch of a kind that a cluster may do without. */
  private readonly endings = new Map<string, AbortController>();
  private readonly hearers: HearChild[] = [];

  /** `optional` are the kinds beside those that every cluster has. Nothing is watched before `run`. */
  constructor(
    private readonly options: ViewOptions,
    optional: readonly KindName[],
  ) {
    this.tenants = this.informer(tenantKind);
    this.platforms = this.informer(platformKind);
    this.shards = this.informer(shardKind);
    this.backends = this.informer(backendKind);
    const { namespace } = options;
    this.secrets = this.informer(
      { apiVersion: 'v1', kind: 'Secret' },
      { namespace, fieldSelector: notHelm, indexers: { [byTenant]: tenantOf } },
    );
    const ofChart = `${labelNames.partOf}=whisper`;
    this.sharedApps = this.informer(
      { apiVersion: 'apps/v1', kind: 'Deployment' },
      { namespace, labelSelector: ofChart },
    );
    for (const kind of childKinds) this.children.set(nameOf(kind), this.childInformer(kind));
    for (const kind of optional) {
      this.children.set(nameOf(kind), this.childInformer(kind));
      this.endings.set(nameOf(kind), new AbortController());
    }
  }

  /** Watches until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.all().map((informer) => informer.run(this.signalOf(informer.kind, signal))));
  }

  /**
   * Watches exactly these kinds beside those that every cluster has, until `signal` aborts; one that is new counts once
   * all of it has been seen. @throws {KubeApiError} `Aborted` where a kind cannot be seen
   */
  async follow(kinds: readonly KindName[], signal: AbortSignal): Promise<void> {
    const wanted = new Set(kinds.map(nameOf));
    for (const name of [...this.endings.keys()].filter((each) => !wanted.has(each))) this.leave(name);
    for (const kind of kinds) if (!this.children.has(nameOf(kind))) await this.take(kind, signal);
  }

  private async take(kind: KindName, signal: AbortSignal): Promise<void> {
    const name = nameOf(kind);
    const ending = new AbortController();
    const informer = this.childInformer(kind);
    for (const hear of this.hearers) tellOf(informer, hear);
    const either = AbortSignal.any([signal, ending.signal]);
    void informer.run(either);
    const cancel = this.options.timers.after(longestSyncMs, () => ending.abort());
    await informer.waitForSync(either).finally(cancel);
    this.children.set(name, informer);
    this.endings.set(name, ending);
  }

  private leave(name: string): void {
    const before = this.children.get(name)?.list() ?? [];
    this.endings.get(name)?.abort();
    this.endings.delete(name);
    this.children.delete(name);
    for (const object of before) for (const hear of this.hearers) hear(object, object);
  }

  private signalOf(kind: KindName, signal: AbortSignal): AbortSignal {
    const ending = this.endings.get(nameOf(kind));
    return ending === undefined ? signal : AbortSignal.any([signal, ending.signal]);
  }

  /** Every kind has been seen once: what is not in memory is not there. */
  get hasSynced(): boolean {
    return this.all().every((informer) => informer.hasSynced);
  }

  async waitForSync(signal: AbortSignal): Promise<void> {
    await Promise.all(this.all().map((informer) => informer.waitForSync(signal)));
  }

  /** An object that we made, by what it is. */
  child(ref: ObjectRef): KubeObject | undefined {
    return this.children.get(nameOf(ref))?.get(keyOf(ref));
  }

  /** Everything that we made for a tenant, or for `platformOwner`. */
  childrenOf(tenant: string): readonly KubeObject[] {
    return [...this.children.values()].flatMap((informer) => informer.byIndex(byTenant, tenant));
  }

  /** Secrets that are labelled for `owner`: a tenant, or `backend-<name>`. */
  secretOf(owner: string, name: string): KubeObject | undefined {
    return this.secrets.byIndex(byTenant, owner).find(({ metadata }) => metadata.name === name);
  }

  /** Calls `hear` for each change of an object that we made, with what it was before. */
  onChild(hear: HearChild): void {
    this.hearers.push(hear);
    for (const informer of this.children.values()) tellOf(informer, hear);
  }

  private all(): readonly SharedInformer[] {
    const { tenants, platforms, shards, backends, secrets, sharedApps } = this;
    return [tenants, platforms, shards, backends, secrets, sharedApps, ...this.children.values()];
  }

  private childInformer(kind: KindName): SharedInformer {
    return this.informer(kind, {
      labelSelector: `${labelNames.managedBy}=${managedBy}`,
      indexers: { [byTenant]: tenantOf },
    });
  }

  private informer(kind: KindName, more: Scope = {}): SharedInformer {
    const { client, timers, onTrouble } = this.options;
    return new SharedInformer<KubeObject>({ client, timers, onTrouble, kind, transform: withoutManagers, ...more });
  }
}

function tellOf(informer: SharedInformer, hear: HearChild): void {
  informer.on({
    added: (object) => hear(object, null),
    updated: (object, before) => hear(object, before),
    deleted: (before) => hear(before, before),
  });
}

function nameOf({ apiVersion, kind }: KindName): string {
  return `${apiVersion}/${kind}`;
}
