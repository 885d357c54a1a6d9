import { type ApiResource, type KindName, apiVersionOf, groupPath } from './api-resource.js';
import { KubeApiError } from './kube-api-error.js';
import type { KubeTransport } from './transport.js';

type Row = readonly [apiVersion: string, kind: string, plural: string];

const namespacedKinds: readonly Row[] = [
  ['v1', 'ConfigMap', 'configmaps'],
  ['v1', 'Endpoints', 'endpoints'],
  ['v1', 'Event', 'events'],
  ['v1', 'LimitRange', 'limitranges'],
  ['v1', 'PersistentVolumeClaim', 'persistentvolumeclaims'],
  ['v1', 'Pod', 'pods'],
  ['v1', 'ResourceQuota', 'resourcequotas'],
  ['v1', 'Secret', 'secrets'],
  ['v1', 'Service', 'services'],
  ['v1', 'ServiceAccount', 'serviceaccounts'],
  ['apps/v1', 'Deployment', 'deployments'],
  ['apps/v1', 'ReplicaSet', 'replicasets'],
  ['apps/v1', 'StatefulSet', 'statefulsets'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler', 'horizontalpodautoscalers'],
  ['batch/v1', 'CronJob', 'cronjobs'],
  ['batch/v1', 'Job', 'jobs'],
  ['coordination.k8s.io/v1', 'Lease', 'leases'],
  ['discovery.k8s.io/v1', 'EndpointSlice', 'endpointslices'],
  ['events.k8s.io/v1', 'Event', 'events'],
  ['networking.k8s.io/v1', 'Ingress', 'ingresses'],
  ['networking.k8s.io/v1', 'NetworkPolicy', 'networkpolicies'],
  ['policy/v1', 'PodDisruptionBudget', 'poddisruptionbudgets'],
  ['rbac.authorization.k8s.io/v1', 'Role', 'roles'],
  ['rbac.authorization.k8s.io/v1', 'RoleBinding', 'rolebindings'],
];

const clusterKinds: readonly Row[] = [
  ['v1', 'Namespace', 'namespaces'],
  ['v1', 'Node', 'nodes'],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy', 'validatingadmissionpolicies'],
  ['admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings'],
  ['apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'customresourcedefinitions'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRole', 'clusterroles'],
  ['rbac.authorization.k8s.io/v1', 'ClusterRoleBinding', 'clusterrolebindings'],
];

/** A resource from the names its manifests use. */
export function apiResource(name: KindName & { readonly plural: string; readonly namespaced: boolean }): ApiResource {
  const [first = '', second] = name.apiVersion.split('/');
  const { kind, plural, namespaced } = name;
  return { group: second === undefined ? '' : first, version: second ?? first, kind, plural, namespaced };
}

const toResource =
  (namespaced: boolean) =>
  ([apiVersion, kind, plural]: Row) =>
    apiResource({ apiVersion, kind, plural, namespaced });

/** Kinds that every cluster has, known without asking it. */
export const builtInResources: readonly ApiResource[] = [
  ...namespacedKinds.map(toResource(true)),
  ...clusterKinds.map(toResource(false)),
];

const nameOf = (kind: KindName) => `${kind.apiVersion} ${kind.kind}`;

/** Which resource holds a kind: from the table above, else from the API server's own discovery, asked once. */
export class ResourceTable {
  private readonly known = new Map<string, ApiResource>();

  constructor(
    private readonly transport: KubeTransport,
    extra: readonly ApiResource[] = [],
  ) {
    for (const resource of [...builtInResources, ...extra])
      this.known.set(nameOf({ apiVersion: apiVersionOf(resource), kind: resource.kind }), resource);
  }

  /** @throws {KubeApiError} 404 `NoKindMatch` when the cluster does not know the kind */
  async find(kind: KindName): Promise<ApiResource> {
    const found = await this.discover(kind);
    if (found !== null) return found;
    const message = `the cluster has no kind ${kind.kind} in ${kind.apiVersion}: is its CustomResourceDefinition installed?`;
    throw new KubeApiError({ status: 404, reason: 'NoKindMatch', message });
  }

  /** The same, or null: for kinds that a cluster may do without. A kind that is missing is asked for each time. */
  async discover(kind: KindName): Promise<ApiResource | null> {
    const known = this.known.get(nameOf(kind));
    if (known !== undefined) return known;
    for (const resource of await this.resourcesOf(kind.apiVersion))
      this.known.set(nameOf({ apiVersion: kind.apiVersion, kind: resource.kind }), resource);
    return this.known.get(nameOf(kind)) ?? null;
  }

  private async resourcesOf(apiVersion: string): Promise<ApiResource[]> {
    const path = groupPath(apiVersion);
    try {
      return parseResources(apiVersion, await this.transport.request({ method: 'GET', path }));
    } catch (error) {
      if (error instanceof KubeApiError && error.isNotFound) return [];
      throw error;
    }
  }
}

/** Rows of an APIResourceList; those with a slash are subresources. */
function parseResources(apiVersion: string, list: unknown): ApiResource[] {
  const { resources } = list as { resources?: { name: string; kind: string; namespaced: boolean }[] };
  return (resources ?? [])
    .filter((row) => !row.name.includes('/'))
    .map((row) => apiResource({ apiVersion, kind: row.kind, plural: row.name, namespaced: row.namespaced }));
}
