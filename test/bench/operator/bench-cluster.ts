import type { KubeClient } from '#operator/runtime/client.js';
import { tenantKind } from '#operator/kinds.js';
import { OperatedCluster } from '../../cluster/operated-cluster.js';
import { startAnotherPostgres } from '../../support/another-postgres.js';
import { benchClient } from './bench-client.js';
import { ObjectWatch } from './object-watch.js';

/** A cluster under measurement. */
export interface BenchCluster {
  readonly cluster: OperatedCluster;
  readonly client: KubeClient;
  readonly tenants: ObjectWatch;
  readonly services: ObjectWatch;
  close(): Promise<void>;
}

export interface BenchMachine {
  readonly programs: string;
  readonly redis: string;
  readonly nodes: number;
  readonly autoscalerSeconds: number;
}

/** Starts a control plane, the databases and one operator. */
export async function openBenchCluster(machine: BenchMachine): Promise<BenchCluster> {
  const postgres = await startAnotherPostgres();
  // Where the databases of tests are made.
  process.env['WHISPER_TEST_POSTGRES'] = postgres.url;
  const stop = new AbortController();
  try {
    const cluster = await OperatedCluster.start({ ...machine, isAudited: true });
    const client = benchClient(cluster.plane.kubeconfig);
    await cluster.wait('dbs/main', 'Ready');
    const [tenants, services] = await Promise.all([
      ObjectWatch.open(client, tenantKind, stop.signal),
      ObjectWatch.open(client, { apiVersion: 'v1', kind: 'Service' }, stop.signal),
    ]);
    const close = async () => {
      stop.abort();
      client.transport.close();
      await cluster.close();
      await postgres.stop();
    };
    return { cluster, client, tenants, services, close };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}
