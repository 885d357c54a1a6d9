import type { ClusterView } from './cluster-view.js';
import { firstPriority } from './first-look.js';
import { labelNames } from './resources/names.js';
import { intentOf, onIntent } from './intent.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { WorkQueue } from './runtime/work-queue.js';
import { isUnreachable } from './shard-state.js';
import { areServing } from './steps/shared-apps.js';
import { readStatus, validSpec } from './tenant-work.js';

/** Tenants whose manifest names the backend. */
function usersOf(view: ClusterView, backend: string): readonly string[] {
  return view.tenants.list().flatMap((object) => {
    const backends = validSpec(object)?.models?.backends ?? [];
    return backends.some(({ ref }) => ref === backend) ? [object.metadata.name] : [];
  });
}

/** Tenants whose data is on the shard, and those that may find a place there. */
function waitingFor(view: ClusterView, shard: string): readonly string[] {
  return view.tenants
    .list()
    .filter((object) => (readStatus(object).shard ?? shard) === shard)
    .map(({ metadata }) => metadata.name);
}

/** A node that is drained takes a lone pod along: thousands of tenants need not say so. */
const shortOutageMs = 5_000;

/** Calls `hear` when the shared apps begin to serve, or do no more. */
function onServing(view: ClusterView, hear: (areUp: boolean) => void): void {
  let before = areServing(view.sharedApps.list());
  const look = () => {
    const areUp = areServing(view.sharedApps.list());
    if (areUp !== before) hear(areUp);
    before = areUp;
  };
  view.sharedApps.on({ added: look, updated: look, deleted: look });
}

/** Looks at every tenant again, when there is nothing else to do. */
export function addAll(view: ClusterView, queue: WorkQueue): void {
  for (const { metadata } of view.tenants.list()) queue.add(metadata.name, 'resync');
}

/** Adds the tenants to the queue that a change of the cluster may concern, and no others. */
export function watchTenants(view: ClusterView, queue: WorkQueue): void {
  const every = (names: readonly string[]) => {
    for (const name of names) queue.add(name, 'child');
  };
  view.tenants.on({
    added: (object, isInitial) => queue.add(object.metadata.name, isInitial ? firstPriority(object) : 'user'),
    updated: (object, before) => {
      if (intentOf(object) !== intentOf(before)) queue.add(object.metadata.name, 'user');
    },
  });
  view.onChild(({ metadata }) => {
    const tenant = metadata.labels?.[labelNames.tenant];
    if (tenant !== undefined && view.tenants.get(tenant) !== undefined) queue.add(tenant, 'child');
  });
  view.platforms.on(onIntent(() => addAll(view, queue)));
  view.shards.on(onIntent(() => addAll(view, queue)));
  onServing(view, (areUp) => {
    for (const object of view.tenants.list())
      if (validSpec(object)?.isolation === 'pooled')
        queue.addAfter(object.metadata.name, areUp ? 0 : shortOutageMs, 'resync');
  });
  view.shards.on({
    updated: (shard, before) => {
      if (isUnreachable(shard) !== isUnreachable(before)) every(waitingFor(view, shard.metadata.name));
    },
  });
  view.backends.on(onIntent(({ metadata }) => every(usersOf(view, metadata.name))));
  const onSecret = ({ metadata }: KubeObject) => {
    const owner = metadata.labels?.[labelNames.tenant];
    if (owner === undefined) return;
    every(owner.startsWith('backend-') ? usersOf(view, owner.slice('backend-'.length)) : [owner]);
  };
  view.secrets.on({
    added: onSecret,
    deleted: onSecret,
    updated: (object, before) => {
      onSecret(before);
      onSecret(object);
    },
  });
}
