import { backendKind, childKinds, monitorKind, platformKind, routeKind, shardKind, tenantKind } from './kinds.js';
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
/** Name of the index that finds what belongs to a tenant. */
const byTenant = 'tenant';
/** Releases of Helm are Secrets of up to a megabyte, and nobody's here. */
const notHelm = 'type!=helm.sh/release.v1';

/** Half of an object are notes of who wrote what; they are read again where they are needed. */
function withoutManagers(object: KubeObject): KubeObject {
  const { managedFields: _left, ...metadata } = object.metadata;
  return { ...object, metadata };
}

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

  private constructor(
    private readonly options: ViewOptions,
    extra: readonly KindName[],
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
    const ours = { labelSelector: `${labelNames.managedBy}=${managedBy}`, indexers: { [byTenant]: tenantOf } };
    for (const kind of [...childKinds, ...extra]) this.children.set(nameOf(kind), this.informer(kind, ours));
  }

  /** Looks which kinds the cluster has; nothing is watched before `run`. */
  static async open(options: ViewOptions): Promise<ClusterView> {
    const optional = await Promise.all(
      [routeKind, monitorKind].map(async (kind) =>
        (await options.client.resources.discover(kind)) === null ? [] : [kind],
      ),
    );
    return new ClusterView(options, optional.flat());
  }

  /** Whether the cluster had this kind when we started. */
  has(kind: KindName): boolean {
    return this.children.has(nameOf(kind));
  }

  /** Watches until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    await Promise.all(this.all().map((informer) => informer.run(signal)));
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
  onChild(hear: (object: KubeObject, before: KubeObject | null) => void): void {
    for (const informer of this.children.values())
      informer.on({
        added: (object) => hear(object, null),
        updated: (object, before) => hear(object, before),
        deleted: (before) => hear(before, before),
      });
  }

  private all(): readonly SharedInformer[] {
    const { tenants, platforms, shards, backends, secrets, sharedApps } = this;
    return [tenants, platforms, shards, backends, secrets, sharedApps, ...this.children.values()];
  }

  private informer(kind: KindName, more: Scope = {}): SharedInformer {
    const { client, timers, onTrouble } = this.options;
    return new SharedInformer<KubeObject>({ client, timers, onTrouble, kind, transform: withoutManagers, ...more });
  }
}

function nameOf({ apiVersion, kind }: KindName): string {
  return `${apiVersion}/${kind}`;
}
