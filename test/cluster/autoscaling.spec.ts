import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, jest } from '@jest/globals';
import { scalingMetrics } from '#operator/resources/names.js';
import { connectionOf } from '#operator/runtime/kubeconfig.js';
import { kubernetes, redisServer } from '../support/component-list.js';
import { describeWith } from '../support/components.js';
import { until } from '../support/until.js';
import type { ControlPlane, KubeTools } from './control-plane.js';
import { MetricsApis, registerMetricsApis } from './metrics-apis.js';
import { OperatedCluster, tenant } from './operated-cluster.js';
import { podsOf } from './pods-of.js';

const waitMs = 90_000;
jest.setTimeout(150_000);

/** One line of the API server's audit log. */
interface Audited {
  readonly verb: string;
  readonly userAgent?: string;
  readonly requestReceivedTimestamp: string;
  readonly objectRef?: { readonly resource?: string; readonly namespace?: string; readonly name?: string };
}

interface Deployed {
  readonly spec: { readonly replicas: number };
  readonly metadata: { readonly managedFields: readonly { readonly manager: string }[] };
}

interface Scaler {
  readonly status: { readonly currentMetrics?: readonly { readonly type: string }[] };
}

interface Tenant {
  readonly status: {
    readonly drift?: object;
    readonly conditions: readonly {
      readonly type: string;
      readonly status: string;
    }[];
  };
}

describeWith(kubernetes, 'autoscalers of tenants on a real control plane', (programs) => {
  describeWith(redisServer, 'with Redis', (redis) => {
    /** What all chat pods of a namespace do together, shared out evenly. */
    const load = new Map<string, { readonly cpu: number; readonly sockets: number }>();
    let cluster: OperatedCluster;
    let apis: MetricsApis;
    let reader: ReturnType<typeof podsOf>;

    const share = async (namespace: string, name: string, of: 'cpu' | 'sockets') => {
      if (!name.startsWith('chat-')) return 0;
      const pods = await reader.pods(namespace, 'app.kubernetes.io/component=chat');
      return Math.round((load.get(namespace)?.[of] ?? 0) / Math.max(1, pods.length));
    };
    const serveMetrics = async ({ folder, kubeconfig }: ControlPlane, kube: KubeTools) => {
      reader = podsOf(connectionOf({ path: kubeconfig }));
      apis = await MetricsApis.serve(
        {
          pods: reader.pods,
          cpu: ({ namespace, name }) => share(namespace, name, 'cpu'),
          load: (metric, { namespace, name }) =>
            metric === scalingMetrics.openSockets ? share(namespace, name, 'sockets') : Promise.resolve(0),
        },
        { host: '127.0.0.1', certificate: join(folder, 'apiserver.crt'), key: join(folder, 'apiserver.key') },
      );
      const metadata = { name: 'metrics', namespace: 'kube-system' };
      const spec = { type: 'ExternalName', externalName: 'localhost' };
      await kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata, spec }));
      await registerMetricsApis(kube, { ...metadata, port: apis.port });
    };
    beforeAll(async () => {
      cluster = await OperatedCluster.start({ programs, redis, isAudited: true, prepare: serveMetrics });
      const autoscaling = { chat: { min: 1, max: 4, targetSockets: 100 } };
      await cluster.apply(tenant('busy', { autoscaling }), tenant('social', { autoscaling }));
      await cluster.wait('wt/busy', 'Ready');
      await cluster.wait('wt/social', 'Ready');
    }, 240_000);
    afterAll(async () => {
      await cluster?.close();
      await apis?.close();
      reader?.close();
    });

    const chatOf = (namespace: string) =>
      cluster.get<Deployed>('deployment', 'chat', '-n', namespace, '--show-managed-fields');
    const hasReplicas = (namespace: string, count: number) =>
      until(async () => (await chatOf(namespace)).spec.replicas === count, waitMs);
    const conditionOf = async (name: string, type: string) =>
      (await cluster.get<Tenant>('wt', name)).status.conditions.find((condition) => condition.type === type);
    const seesMetrics = (name: string) =>
      until(async () => {
        const { status } = await cluster.get<Scaler>('hpa', 'chat', '-n', `whisper-${name}`);
        return (status.currentMetrics ?? []).filter(({ type }) => type !== '').length === 2;
      }, waitMs);
    /** What the operator wrote in a namespace since `from`. */
    const written = async (namespace: string, from: Date) =>
      (await readFile(join(cluster.plane.folder, 'audit.log'), 'utf8'))
        .split('\n')
        .filter((line) => line.includes('whisper-operator'))
        .map((line) => JSON.parse(line) as Audited)
        .filter(({ userAgent = '' }) => userAgent.startsWith('whisper-operator'))
        .filter(({ verb }) => !['get', 'list', 'watch'].includes(verb))
        .filter(({ requestReceivedTimestamp }) => new Date(requestReceivedTimestamp) > from)
        .filter(({ objectRef }) => objectRef?.namespace === namespace)
        .map(({ verb, objectRef }) => `${verb} ${objectRef?.resource} ${objectRef?.name}`);

    it.each([
      ['CPU', 'busy', { cpu: 120, sockets: 0 }, { cpu: 10, sockets: 0 }],
      ['open sockets', 'social', { cpu: 10, sockets: 180 }, { cpu: 10, sockets: 20 }],
    ])('add pods to a chat by %s, and take them away, and the tenant is Ready', async (_case, name, much, little) => {
      const namespace = `whisper-${name}`;
      load.set(namespace, little);
      await seesMetrics(name);
      await until(async () => (await conditionOf(name, 'AutoscalingActive'))?.status === 'True', waitMs);
      const from = new Date();

      load.set(namespace, much);
      await hasReplicas(namespace, 2);
      await cluster.kube.kubectl('rollout', 'status', 'deployment/chat', '-n', namespace, '--timeout=60s');
      load.set(namespace, little);
      await hasReplicas(namespace, 1);

      expect(await written(namespace, from)).toEqual([]);
      await cluster.wait(`wt/${name}`, 'Ready');
    });

    it('own the number of pods: somebody who changes it is not corrected, and is not called a drift', async () => {
      const namespace = 'whisper-social';
      await hasReplicas(namespace, 1);
      const from = new Date();

      await cluster.kube.kubectl('scale', 'deployment/router', '-n', namespace, '--replicas=2');
      await until(
        async () => (await cluster.get<Deployed>('deployment', 'router', '-n', namespace)).spec.replicas === 1,
        waitMs,
      );

      expect(await written(namespace, from)).toEqual([]);
      expect((await cluster.get<Tenant>('wt', 'social')).status.drift).toBeUndefined();
      expect(await cluster.kube.kubectl('get', 'events', '-n', 'default')).not.toContain('DriftCorrected');
    });
  });
});
