import { ownResources } from '#operator/kinds.js';
import { KubeClient } from '#operator/runtime/client.js';
import { connectionOf } from '#operator/runtime/kubeconfig.js';
import { ResourceTable } from '#operator/runtime/resource-table.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { KubeTransport } from '#operator/runtime/transport.js';

/** A client of the bench's own, told apart from the operator's by its name in the audit log. */
export function benchClient(kubeconfig: string): KubeClient {
  const connection = connectionOf({ path: kubeconfig });
  const transport = new KubeTransport({ connection, timers: new SystemTimers(), userAgent: 'whisper-bench' });
  return new KubeClient(transport, new ResourceTable(transport, ownResources));
}
