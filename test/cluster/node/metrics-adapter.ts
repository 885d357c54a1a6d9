import { readFileSync } from 'node:fs';
import { registerMetricsApis } from '../metrics-apis.js';
import type { RealNode } from './real-node.js';
import { scriptPod } from './script-pods.js';

/** Namespace of the adapter; the platform lets it read the metrics of pods. */
export const monitoring = 'monitoring';
const name = 'metrics';
const port = 4443;

function account(): readonly object[] {
  const subject = { kind: 'ServiceAccount', name, namespace: monitoring };
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace: monitoring } },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'test-metrics' },
      rules: [
        { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
        { apiGroups: [''], resources: ['nodes/proxy'], verbs: ['get'] },
      ],
    },
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'test-metrics' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'test-metrics' },
      subjects: [subject],
    },
  ];
}

/** Lets autoscalers see the CPU of pods, open sockets and running calls. */
export async function installMetrics({ kube, place }: RealNode, image: string): Promise<void> {
  const file = (each: string) => readFileSync(place.path(each), 'utf8');
  const environment = { CERTIFICATE: file('apiserver.crt'), KEY: file('apiserver.key') };
  const [namespace, ...pod] = scriptPod({
    name,
    namespace: monitoring,
    image,
    script: './metrics-process.js',
    args: [place.name, String(port)],
    port,
    environment,
    hasAccount: true,
  });
  const items = [namespace, ...account(), ...pod];
  await kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await kube.kubectl('rollout', 'status', `deployment/${name}`, '-n', monitoring, '--timeout=60s');
  await registerMetricsApis(kube, { namespace: monitoring, name, port });
}
