import { pause } from '#libs/kernel/abort.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import type { BenchCluster } from './bench-cluster.js';
import { timeToReady } from './ready-times.js';

const timeoutMs = 60_000;

/** Between two changes, so that each is repaired alone. */
const pauseMs = 200;

function componentOf(object: KubeObject): string | undefined {
  const { selector } = (object['spec'] ?? {}) as { selector?: Readonly<Record<string, string>> };
  return selector?.['app.kubernetes.io/component'];
}

/** How long a Service of a dedicated tenant pointed elsewhere, each time somebody changed it. */
export async function repairTimes(bench: BenchCluster, tenant: string, rounds: number): Promise<readonly number[]> {
  const namespace = `whisper-${tenant}`;
  const ref = { apiVersion: 'v1', kind: 'Service', namespace, name: 'router' };
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const changed = await bench.client.patch(ref, {
      spec: { selector: { 'app.kubernetes.io/component': `other-${round}` } },
    });
    const changedMs = performance.now();
    const version = BigInt(changed.metadata.resourceVersion ?? '0');
    const isRepaired = (object: KubeObject) =>
      componentOf(object) === 'router' && BigInt(object.metadata.resourceVersion ?? '0') > version;
    times.push((await bench.services.when(`${namespace}/router`, isRepaired, timeoutMs)) - changedMs);
    await pause(pauseMs);
  }
  return times;
}

/** From a kill -9 of the leader until a tenant that was applied meanwhile is Ready by the other replica. */
export async function failoverTimes(bench: BenchCluster, rounds: number): Promise<readonly number[]> {
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const [leader] = bench.cluster.operators;
    if (leader === undefined) throw new Error('no operator runs');
    await bench.cluster.startOperator();
    const killedMs = performance.now();
    await leader.stop('SIGKILL');
    bench.cluster.operators.shift();
    const batch = { prefix: `failover-${round}`, count: 1, isolation: 'pooled' as const, timeoutMs };
    await timeToReady(bench.client, bench.tenants, batch);
    times.push(performance.now() - killedMs);
  }
  return times;
}
