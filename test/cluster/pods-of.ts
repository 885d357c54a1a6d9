import { KubeClient } from '#operator/runtime/client.js';
import type { Connection } from '#operator/runtime/connection.js';
import { ResourceTable } from '#operator/runtime/resource-table.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { KubeTransport } from '#operator/runtime/transport.js';
import type { MeasuredPod } from './metrics-apis.js';

/** Reads the pods of a cluster that run. */
export function podsOf(connection: Connection): {
  readonly pods: (namespace: string, labelSelector: string) => Promise<readonly MeasuredPod[]>;
  readonly close: () => void;
} {
  const transport = new KubeTransport({ connection, timers: new SystemTimers() });
  const client = new KubeClient(transport, new ResourceTable(transport));
  return {
    pods: async (namespace, labelSelector) => {
      const { items } = await client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labelSelector });
      return items.flatMap(({ metadata, spec, status }) => {
        const { phase, podIP = '' } = (status ?? {}) as { phase?: string; podIP?: string };
        if (phase !== 'Running' || metadata.deletionTimestamp !== undefined) return [];
        const containers = (spec as { containers: readonly { name: string }[] }).containers.map(({ name }) => name);
        return [{ namespace, name: metadata.name, ip: podIP, containers }];
      });
    },
    close: () => transport.close(),
  };
}
