import { createServer, type Server } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { scalingMetrics } from '#operator/resources/names.js';
import { until } from '../support/until.js';
import type { KubeTools } from './control-plane.js';

/** A pod as the metrics APIs know it. */
export interface MeasuredPod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly containers: readonly string[];
}

/** Where pods and their figures come from. */
export interface Figures {
  pods(namespace: string, labelSelector: string): Promise<readonly MeasuredPod[]>;
  /** CPU in use, in thousandths of a core; null where it is not known. */
  cpu(pod: MeasuredPod): Promise<number | null>;
  /** One of the two metrics that autoscalers go by. */
  load(metric: string, pod: MeasuredPod): Promise<number | null>;
}

interface ServeOptions {
  readonly host: string;
  readonly port?: number;
  readonly certificate: string;
  readonly key: string;
}

const groups = { cpu: 'metrics.k8s.io/v1beta1', load: 'custom.metrics.k8s.io/v1beta2' } as const;
const rows = {
  [groups.cpu]: [{ name: 'pods', kind: 'PodMetrics', namespaced: true, singularName: '', verbs: ['get', 'list'] }],
  [groups.load]: Object.values(scalingMetrics).map((name) => ({
    name: `pods/${name}`,
    kind: 'MetricValueList',
    namespaced: true,
    singularName: '',
    verbs: ['get'],
  })),
};
const podsPath = new RegExp(`^/apis/${groups.cpu}/namespaces/([^/]+)/pods$`);
const loadPath = new RegExp(`^/apis/${groups.load}/namespaces/([^/]+)/pods/\\*/([^/]+)$`);

/** What metrics-server and an adapter serve, as far as autoscalers ask for it. */
export class MetricsApis {
  private constructor(
    private readonly server: Server,
    private readonly figures: Figures,
  ) {}

  static async serve(figures: Figures, { host, port = 0, certificate, key }: ServeOptions): Promise<MetricsApis> {
    const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) });
    const apis = new MetricsApis(server, figures);
    server.on('request', (request, response) => {
      const url = new URL(request.url ?? '/', 'https://metrics');
      void apis
        .answer(decodeURIComponent(url.pathname), url.searchParams.get('labelSelector') ?? '')
        .catch(() => null)
        .then((body) => {
          response.writeHead(body === null ? 404 : 200, { 'content-type': 'application/json' });
          response.end(JSON.stringify(body ?? { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 404 }));
        });
    });
    server.listen(port, host);
    await once(server, 'listening');
    return apis;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
  }

  private async answer(path: string, labelSelector: string): Promise<object | null> {
    for (const [groupVersion, resources] of Object.entries(rows))
      if (path === `/apis/${groupVersion}`)
        return { kind: 'APIResourceList', apiVersion: 'v1', groupVersion, resources };
    const [, namespace] = podsPath.exec(path) ?? [];
    if (namespace !== undefined) return this.cpuList(await this.figures.pods(namespace, labelSelector));
    const [, place, metric] = loadPath.exec(path) ?? [];
    if (place === undefined || metric === undefined) return null;
    return this.loadList(metric, await this.figures.pods(place, labelSelector));
  }

  private async cpuList(pods: readonly MeasuredPod[]): Promise<object> {
    const timestamp = new Date().toISOString();
    const items = await Promise.all(
      pods.map(async (pod) => {
        const cpu = await this.figures.cpu(pod);
        if (cpu === null) return [];
        const usage = { cpu: `${Math.round(cpu / pod.containers.length)}m`, memory: '64Mi' };
        const containers = pod.containers.map((name) => ({ name, usage }));
        return [{ metadata: { name: pod.name, namespace: pod.namespace }, timestamp, window: '10s', containers }];
      }),
    );
    return { kind: 'PodMetricsList', apiVersion: groups.cpu, metadata: {}, items: items.flat() };
  }

  private async loadList(metric: string, pods: readonly MeasuredPod[]): Promise<object> {
    const timestamp = new Date().toISOString();
    const items = await Promise.all(
      pods.map(async ({ name, namespace, ...pod }) => {
        const value = await this.figures.load(metric, { name, namespace, ...pod });
        const describedObject = { kind: 'Pod', apiVersion: 'v1', name, namespace };
        return value === null ? [] : [{ describedObject, metric: { name: metric }, timestamp, value: String(value) }];
      }),
    );
    return { kind: 'MetricValueList', apiVersion: groups.load, metadata: {}, items: items.flat() };
  }
}

/** Leads the API server to the metrics APIs behind `service`, and waits until it uses them. */
export async function registerMetricsApis(
  kube: KubeTools,
  service: { readonly namespace: string; readonly name: string; readonly port: number },
): Promise<void> {
  const items = Object.values(groups).map((groupVersion) => {
    const [group = '', version = ''] = groupVersion.split('/');
    return {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name: `${version}.${group}` },
      // The certificate of a test has no name of a Service in it.
      spec: { group, version, service, insecureSkipTLSVerify: true, groupPriorityMinimum: 100, versionPriority: 100 },
    };
  });
  await kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  for (const { metadata } of items)
    await kube.kubectl('wait', '--for=condition=Available', `apiservice/${metadata.name}`, '--timeout=60s');
  for (const groupVersion of Object.values(groups))
    await until(() => kube.kubectl('get', '--raw', `/apis/${groupVersion}`).then(Boolean, () => false), 30_000);
}
