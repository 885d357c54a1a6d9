import type { AppName } from '#libs/contracts/workload-settings.js';
import type { KubeObject } from '../runtime/kube-object.js';

/** Value of `app.kubernetes.io/managed-by` on every object that the operator makes. */
export const managedBy = 'whisper-operator';

/** Value of `app.kubernetes.io/component` on what belongs to the shared apps of pooled tenants. */
export const sharedComponent = 'shared';

/** Labels and annotations of our own. */
export const labelNames = {
  tenant: 'whisperengine.ai/tenant',
  component: 'app.kubernetes.io/component',
  partOf: 'app.kubernetes.io/part-of',
  managedBy: 'app.kubernetes.io/managed-by',
  version: 'app.kubernetes.io/version',
  configHash: 'whisperengine.ai/config-hash',
} as const;

/** Names of objects in the namespace of a tenant. */
export const childNames = {
  quota: 'tenant',
  config: 'tenant',
  database: 'database',
  redis: 'redis',
  keys: 'keys',
  sso: 'sso',
  backends: 'backends',
  tls: 'tls',
  serviceMonitor: 'whisper',
} as const;

/**
 * Keys of the Secret `keys`: the private keys of service tokens and the public ones of the cluster's pods, for the
 * router alone.
 */
export const routerKeys = { service: 'service-keys.json', cluster: 'cluster-keys.json' } as const;

/** Ports of every app. */
export const ports = { http: 4780, internal: 4781 } as const;

/** Where the pods find what is mounted. */
export const paths = {
  tenantFile: '/etc/whisper/tenant/tenant.json',
  backendsFile: '/etc/whisper/tenant/backends.json',
  config: '/etc/whisper/tenant',
  secrets: '/etc/whisper/secrets',
  keys: '/etc/whisper/keys',
  serviceKeys: '/etc/whisper/keys/service-keys.json',
  clusterKeys: '/etc/whisper/keys/cluster-keys.json',
  podToken: '/etc/whisper/identity/token',
  identity: '/etc/whisper/identity',
  data: '/var/lib/whisper',
} as const;

/** Metrics of the apps that their autoscalers read; a spec holds them to what the apps export. */
export const scalingMetrics = {
  openSockets: 'whisper_chat_open_sockets',
  runningRequests: 'whisper_router_running_requests',
} as const;

/** Namespace of a dedicated tenant. */
export function namespaceOf(tenant: string): string {
  return `whisper-${tenant}`;
}

/** What selects the pods of one app within the namespace of a tenant. */
export function podSelector(app: AppName): { readonly matchLabels: Readonly<Record<string, string>> } {
  return { matchLabels: { [labelNames.partOf]: 'whisper', [labelNames.component]: app } };
}

/** Whether we made an object for this tenant. */
export function isOfTenant({ metadata: { labels } }: KubeObject, tenant: string): boolean {
  return labels?.[labelNames.managedBy] === managedBy && labels[labelNames.tenant] === tenant;
}
