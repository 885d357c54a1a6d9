import type { KubeClient } from '#operator/runtime/client.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { tenant } from '../../cluster/operated-cluster.js';
import type { ObjectWatch } from './object-watch.js';
import { sideBySide } from './side-by-side.js';

/** How long it took until tenants were Ready. */
export interface ReadyTimes {
  readonly eachMs: readonly number[];
  /** From the first manifest to the last Ready. */
  readonly allMs: number;
}

interface Status {
  readonly conditions?: readonly { readonly type: string; readonly status: string }[];
}

/** Whether the condition Ready of one of our objects is True. */
export function isReady(object: KubeObject): boolean {
  const { conditions = [] } = (object['status'] ?? {}) as Status;
  return conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
}

interface Batch {
  readonly prefix: string;
  readonly count: number;
  readonly isolation: 'pooled' | 'dedicated';
  readonly timeoutMs: number;
}

/** Applies manifests as fast as the API server takes them, and waits until every tenant is Ready. */
export async function timeToReady(client: KubeClient, tenants: ObjectWatch, batch: Batch): Promise<ReadyTimes> {
  const { prefix, count, isolation, timeoutMs } = batch;
  const names = Array.from({ length: count }, (_, index) => `${prefix}-${index}`);
  const ready: Promise<number>[] = [];
  const startedMs = performance.now();
  await sideBySide(names, async (name) => {
    const sentMs = performance.now();
    ready.push(tenants.when(name, isReady, timeoutMs).then((atMs) => atMs - sentMs));
    await client.apply(tenant(name, { isolation }) as KubeObject, { fieldManager: 'bench' });
  });
  const eachMs = await Promise.all(ready);
  return { eachMs, allMs: performance.now() - startedMs };
}
