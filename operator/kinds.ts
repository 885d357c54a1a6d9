import { manifestApiVersion } from '#libs/contracts/manifest-parts.js';
import type { ApiResource, KindName } from './runtime/api-resource.js';
import { apiResource } from './runtime/resource-table.js';

/** Kinds of our own. */
export const tenantKind: KindName = { apiVersion: manifestApiVersion, kind: 'WhisperTenant' };
export const platformKind: KindName = { apiVersion: manifestApiVersion, kind: 'WhisperPlatform' };
export const shardKind: KindName = { apiVersion: manifestApiVersion, kind: 'DatabaseShard' };
export const backendKind: KindName = { apiVersion: manifestApiVersion, kind: 'ModelBackend' };

/** Where the API server keeps them. */
export const ownResources: readonly ApiResource[] = [
  apiResource({ ...tenantKind, plural: 'whispertenants', namespaced: false }),
  apiResource({ ...platformKind, plural: 'whisperplatforms', namespaced: false }),
  apiResource({ ...shardKind, plural: 'databaseshards', namespaced: false }),
  apiResource({ ...backendKind, plural: 'modelbackends', namespaced: false }),
];

/** Kinds of a tenant's objects that every cluster has. */
export const childKinds: readonly KindName[] = [
  { apiVersion: 'v1', kind: 'Namespace' },
  { apiVersion: 'v1', kind: 'ResourceQuota' },
  { apiVersion: 'v1', kind: 'LimitRange' },
  { apiVersion: 'v1', kind: 'ServiceAccount' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy' },
  { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
];

/** Kinds that a cluster has only where somebody installed them. */
export const routeKind: KindName = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' };
export const monitorKind: KindName = { apiVersion: 'monitoring.coreos.com/v1', kind: 'ServiceMonitor' };

/** Annotations that people and the operator leave for each other. */
export const annotations = {
  /** `true`: the operator leaves the tenant and its objects alone. */
  paused: 'whisperengine.ai/paused',
  /** The name of the tenant: give up its data where it is, and let the object go. */
  forceDelete: 'whisperengine.ai/force-delete',
  /** Version that a rollout has given to the tenant. */
  assignedVersion: 'whisperengine.ai/assigned-version',
  /** When it did. */
  assignedAt: 'whisperengine.ai/assigned-at',
  /** `true`: the tenant was not Ready then, so that it proves nothing about the version. */
  assignedWhileDown: 'whisperengine.ai/assigned-while-down',
  /** Digest of what the operator applied to a child. */
  applied: 'whisperengine.ai/applied',
} as const;

/** Who writes which fields. */
export const fieldManagers = {
  children: 'whisper-operator/tenant',
  finalizers: 'whisper-operator/finalizers',
  status: 'whisper-operator/status',
  rollout: 'whisper-operator/rollout',
} as const;
