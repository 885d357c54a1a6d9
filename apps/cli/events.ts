import type { Command } from 'commander';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { addClusterOptions, type ClusterOptions, clusterTenant, withCluster } from './cluster.js';
import { table } from './table.js';

interface Options extends ClusterOptions {
  readonly tenant: string;
}

/** `whisper events`: what happened to a tenant, the oldest first. */
export function addEvents(program: Command): void {
  addClusterOptions(
    program
      .command('events')
      .description('tell what happened to a tenant of a cluster within the last hour')
      .requiredOption('--tenant <name>', 'name of the tenant'),
  ).action((options: Options) =>
    withCluster(options, async (client) => {
      await clusterTenant(client, options.tenant);
      const fieldSelector = `regarding.kind=WhisperTenant,regarding.name=${options.tenant}`;
      const { items } = await client.list({ apiVersion: 'events.k8s.io/v1', kind: 'Event' }, { fieldSelector });
      const rows = items.map(rowOf).sort(([a = ''], [b = '']) => (a < b ? -1 : 1));
      process.stdout.write(table([['TIME', 'TYPE', 'REASON', 'TIMES', 'WHAT'], ...rows]));
    }),
  );
}

interface EventFields {
  readonly eventTime?: string;
  readonly type?: string;
  readonly reason?: string;
  readonly note?: string;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
}

function rowOf(event: KubeObject): readonly string[] {
  const { eventTime = '', type = '', reason = '', note = '', series } = event as KubeObject & EventFields;
  const time = series?.lastObservedTime ?? eventTime;
  return [`${time.slice(0, 19)}Z`, type, reason, String(series?.count ?? 1), note];
}
