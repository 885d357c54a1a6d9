/** A rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

interface Resource {
  readonly group: string;
  readonly name: string;
}

/** Where the API server keeps each kind that the renderer writes. */
export const writtenKinds: Readonly<Record<string, Resource>> = {
  Namespace: { group: '', name: 'namespaces' },
  ResourceQuota: { group: '', name: 'resourcequotas' },
  LimitRange: { group: '', name: 'limitranges' },
  ServiceAccount: { group: '', name: 'serviceaccounts' },
  Secret: { group: '', name: 'secrets' },
  ConfigMap: { group: '', name: 'configmaps' },
  Service: { group: '', name: 'services' },
  NetworkPolicy: { group: 'networking.k8s.io', name: 'networkpolicies' },
  Ingress: { group: 'networking.k8s.io', name: 'ingresses' },
  HTTPRoute: { group: 'gateway.networking.k8s.io', name: 'httproutes' },
  Deployment: { group: 'apps', name: 'deployments' },
  PodDisruptionBudget: { group: 'policy', name: 'poddisruptionbudgets' },
  HorizontalPodAutoscaler: { group: 'autoscaling', name: 'horizontalpodautoscalers' },
  ServiceMonitor: { group: 'monitoring.coreos.com', name: 'servicemonitors' },
};

/** Server-side apply of an object that is not there yet asks for `create` beside `patch`. */
const writing = ['get', 'list', 'watch', 'create', 'patch', 'delete'];
const reading = ['list', 'watch'];

function byGroup(resources: readonly Resource[]): readonly PolicyRule[] {
  const groups = [...new Set(resources.map(({ group }) => group))].sort();
  return groups.map((group) => ({
    apiGroups: [group],
    resources: resources
      .filter((resource) => resource.group === group)
      .map(({ name }) => name)
      .sort(),
    verbs: writing,
  }));
}

const own = 'whisperengine.ai';
const kinds = ['databaseshards', 'modelbackends', 'whisperplatforms', 'whispertenants'];

/** What the operator may do in the whole cluster: what it renders, its own kinds, and telling people of it. */
export const clusterRules: readonly PolicyRule[] = [
  ...byGroup(Object.values(writtenKinds)),
  { apiGroups: [own], resources: kinds, verbs: reading },
  // Finalizers of both, and annotations of a tenant; what they ask for is their authors'.
  { apiGroups: [own], resources: ['databaseshards', 'whispertenants'], verbs: ['patch'] },
  { apiGroups: [own], resources: kinds.map((kind) => `${kind}/status`), verbs: ['patch'] },
  // An owner reference that blocks the owner's deletion asks for this.
  { apiGroups: [own], resources: ['whisperplatforms/finalizers', 'whispertenants/finalizers'], verbs: ['update'] },
  { apiGroups: ['events.k8s.io'], resources: ['events'], verbs: ['create', 'patch'] },
];

/** What it may do in its own namespace only: elect a leader. */
export const namespaceRules: readonly PolicyRule[] = [
  { apiGroups: ['coordination.k8s.io'], resources: ['leases'], verbs: ['get', 'create', 'update'] },
];
