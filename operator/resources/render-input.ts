import type { BackendSpec } from '#libs/contracts/backend-spec.js';
import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import type { TenantSpec } from '#libs/contracts/tenant-spec.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** One secret text by its place in the pods: SECRETS/<owner>/<name>/<key>. */
export interface SecretFile {
  /** The tenant, or `backend-<name>`. */
  readonly owner: string;
  readonly name: string;
  readonly key: string;
  readonly value: string;
}

/** A certificate in PEM, for a host name and its admin pages. */
export interface HostCertificate {
  readonly host: string;
  readonly certificate: string;
  readonly key: string;
}

/** What the cluster can do beside its own kinds. */
export interface Capabilities {
  readonly gatewayApi: boolean;
  readonly serviceMonitor: boolean;
  /** Whether somebody serves custom.metrics.k8s.io; an autoscaler that asks in vain would never scale down. */
  readonly customMetrics: boolean;
}

/** What the operator found out or made before it renders. */
export interface RenderFacts {
  /** Version the tenant runs now; during a rollout not always that of the platform. */
  readonly version: string;
  /** Image of that version. */
  readonly image: string;
  readonly operatorNamespace: string;
  /** Of the tenant's own login on its shard. */
  readonly databaseUrl: string;
  /** Of the tenant's own user; null where there is no Redis. */
  readonly redisUrl: string | null;
  /** Derived for this tenant, never the platform's own. */
  readonly masterKey: string;
  /** JSON of the private keys of its service tokens. */
  readonly serviceKeys: string;
  /** JSON of the public keys of the cluster's ServiceAccount tokens, and of their issuer. */
  readonly clusterKeys: string;
  readonly secrets: readonly SecretFile[];
  readonly backends: readonly { readonly name: string; readonly revision: string; readonly spec: BackendSpec }[];
  readonly certificates: readonly HostCertificate[];
  /** Texts of `.dockerconfigjson`, by the name of the pull secret. */
  readonly pullSecrets: Readonly<Record<string, string>>;
  /** IP addresses of host names outside the cluster, where egress should be held to them. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  readonly capabilities: Capabilities;
}

/** All that the objects of one tenant are made from. */
export interface RenderInput {
  readonly tenant: { readonly name: string; readonly uid: string; readonly spec: TenantSpec };
  readonly platform: PlatformSpec;
  readonly compiled: Tenant;
  readonly facts: RenderFacts;
}

/** Whether the tenant runs no pod: it hibernates, or it is suspended and would answer nobody. */
export function isAsleep({ tenant }: RenderInput): boolean {
  return tenant.spec.suspended === true || tenant.spec.hibernate?.enabled === true;
}
