import { type ApiResource, apiVersionOf } from '#operator/runtime/api-resource.js';
import { builtInResources } from '#operator/runtime/resource-table.js';

/** A kind that the fake serves. */
export interface FakeResource extends ApiResource {
  readonly hasStatus: boolean;
  readonly hasGeneration: boolean;
  /** Lists whose items have an identity, by field name: the fields that make it. */
  readonly listKeys: Readonly<Record<string, readonly string[]>>;
  /** Top-level fields that nobody may change once they are set. */
  readonly fixed: readonly string[];
}

const withStatus = new Set(
  `Namespace Node Pod Service PersistentVolumeClaim ResourceQuota Deployment ReplicaSet StatefulSet
   HorizontalPodAutoscaler CronJob Job Ingress PodDisruptionBudget CustomResourceDefinition`.split(/\s+/),
);
const withGeneration = new Set(
  `Deployment ReplicaSet StatefulSet Job CronJob Ingress NetworkPolicy PodDisruptionBudget
   CustomResourceDefinition`.split(/\s+/),
);

/** What the schemas of built-in kinds say of their lists. All other lists are one value each. */
const listKeys: FakeResource['listKeys'] = {
  conditions: ['type'],
  containers: ['name'],
  initContainers: ['name'],
  env: ['name'],
  imagePullSecrets: ['name'],
  ownerReferences: ['uid'],
  topologySpreadConstraints: ['topologyKey', 'whenUnsatisfiable'],
  volumeMounts: ['mountPath'],
  volumes: ['name'],
  'containers.ports': ['containerPort', 'protocol'],
  'spec.ports': ['port', 'protocol'],
};

/** A built-in kind, or one as a CustomResourceDefinition with a status subresource would make it. */
export function fakeResource(resource: ApiResource, keys: FakeResource['listKeys'] = {}): FakeResource {
  const isBuiltIn = builtInResources.some(
    (one) => one.kind === resource.kind && apiVersionOf(one) === apiVersionOf(resource),
  );
  return {
    ...resource,
    hasStatus: !isBuiltIn || withStatus.has(resource.kind),
    hasGeneration: !isBuiltIn || withGeneration.has(resource.kind),
    listKeys: { ...listKeys, ...keys },
    fixed: resource.group === 'events.k8s.io' ? ['action', 'note', 'reason', 'regarding', 'type'] : [],
  };
}

/** `v1/configmaps`: the drawer of a kind. Versions of one group share no objects in the fake. */
export function drawerOf(resource: ApiResource): string {
  return `${apiVersionOf(resource)}/${resource.plural}`;
}
