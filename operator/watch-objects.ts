import { platformName } from '#libs/contracts/platform-spec.js';
import { ShardSpec } from '#libs/contracts/shard-spec.js';
import type { ClusterView } from './cluster-view.js';
import { onIntent } from './intent.js';
import { labelNames, sharedComponent } from './resources/names.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { WorkQueue } from './runtime/work-queue.js';

/** Calls `hear` whenever a Secret of the operator's namespace is, was or becomes something. */
function onSecret(view: ClusterView, hear: (secret: KubeObject) => void): void {
  view.secrets.on({ added: hear, deleted: hear, updated: hear });
}

/** Adds the shards that a change may concern: their own, and those of their connection secrets. */
export function watchShards(view: ClusterView, queue: WorkQueue): void {
  view.shards.on(onIntent(({ metadata }) => queue.add(metadata.name, 'user')));
  onSecret(view, (secret) => {
    for (const { metadata, spec } of view.shards.list())
      if (ShardSpec.safeParse(spec).data?.connectionSecretRef.name === secret.metadata.name)
        queue.add(metadata.name, 'child');
  });
}

/** Adds the backends that a change may concern: their own, those of their keys, and those a tenant names. */
export function watchBackends(view: ClusterView, queue: WorkQueue): void {
  view.backends.on(onIntent(({ metadata }) => queue.add(metadata.name, 'user')));
  onSecret(view, ({ metadata }) => {
    const owner = metadata.labels?.[labelNames.tenant] ?? '';
    if (owner.startsWith('backend-')) queue.add(owner.slice('backend-'.length), 'child');
  });
  view.tenants.on(
    onIntent(() => {
      for (const { metadata } of view.backends.list()) queue.add(metadata.name, 'resync');
    }),
  );
}

/**
 * Looks at the platform again whenever something changes that its shared objects or its counts are made of. Changes
 * come in crowds: one look after `gatherMs` serves all of them.
 */
export function watchPlatform(view: ClusterView, queue: WorkQueue, gatherMs: number): void {
  const look = () => queue.addAfter(platformName, gatherMs, 'child');
  view.platforms.on(onIntent(look));
  view.shards.on(onIntent(look));
  view.backends.on(onIntent(look));
  view.tenants.on({ added: look, updated: look, deleted: look });
  view.sharedApps.on({ added: look, updated: look, deleted: look });
  onSecret(view, look);
  view.onChild(({ metadata }) => {
    if (metadata.labels?.[labelNames.component] === sharedComponent) look();
  });
}
