import { manifestApiVersion } from '#libs/contracts/manifest-parts.js';
import { platformName, type PlatformSpec } from '#libs/contracts/platform-spec.js';
import type { KubeObject } from '../runtime/kube-object.js';
import { labelNames, managedBy, routerKeys, sharedComponent } from './names.js';
import type { Capabilities, SecretFile } from './render-input.js';
import { type Face, httpRouteSpecs, ingressSpec } from './route-specs.js';
import { routeAnnotations } from './routes.js';
import { encoded, flatTexts } from './secrets.js';
import { digestOf } from './stable-json.js';

/** Names in the namespace of the operator that the chart's shared workloads mount. */
export const sharedNames = {
  /** `database-url`, `redis-url` (where there is a Redis), `service-keys.json` and `cluster-keys.json`. */
  settings: 'whisper-shared',
  /** `<shard>`: address of the app login of each shard. */
  shards: 'whisper-shards',
  /** `<tenant>.<name>.<key>` and `backend-<backend>.<name>.<key>`. */
  secrets: 'whisper-pooled-secrets',
  chat: 'whisper-chat',
  router: 'whisper-router',
  admin: 'whisper-admin',
} as const;

/** A tenant that the shared workloads serve. */
export interface PooledTenant {
  readonly name: string;
  readonly hosts: readonly string[];
  /** Secrets with certificates that were brought along, by host name. */
  readonly certificates: Readonly<Record<string, string>>;
}

/** All that the objects of the shared workloads are made from. */
export interface SharedInput {
  readonly namespace: string;
  /** `uid` of the WhisperPlatform, which owns the objects. */
  readonly platformUid: string;
  readonly platform: PlatformSpec;
  readonly capabilities: Capabilities;
  /** Of the app login of the control database. */
  readonly databaseUrl: string;
  readonly redisUrl: string | null;
  readonly serviceKeys: string;
  readonly clusterKeys: string;
  readonly shards: readonly { readonly name: string; readonly url: string }[];
  readonly secrets: readonly SecretFile[];
  readonly tenants: readonly PooledTenant[];
}

interface Head {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

function shared({ namespace, platformUid, platform }: SharedInput, head: Head, body: object): KubeObject {
  const { apiVersion, kind, name, annotations = {} } = head;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      labels: {
        [labelNames.managedBy]: managedBy,
        [labelNames.partOf]: 'whisper',
        [labelNames.component]: sharedComponent,
        [labelNames.version]: platform.version,
      },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ownerReferences: [
        {
          apiVersion: manifestApiVersion,
          kind: 'WhisperPlatform',
          name: platformName,
          uid: platformUid,
          controller: true,
          blockOwnerDeletion: true,
        },
      ],
    },
    ...body,
  };
}

function sharedSecrets(input: SharedInput): readonly KubeObject[] {
  const secret = (name: string, texts: Readonly<Record<string, string>>) =>
    shared(input, { apiVersion: 'v1', kind: 'Secret', name }, { type: 'Opaque', data: encoded(texts) });
  const shards = [...input.shards].sort((a, b) => (a.name < b.name ? -1 : 1));
  return [
    secret(sharedNames.settings, {
      'database-url': input.databaseUrl,
      ...(input.redisUrl === null ? {} : { 'redis-url': input.redisUrl }),
      [routerKeys.service]: input.serviceKeys,
      [routerKeys.cluster]: input.clusterKeys,
    }),
    secret(sharedNames.shards, Object.fromEntries(shards.map(({ name, url }) => [name, url]))),
    secret(sharedNames.secrets, flatTexts(input.secrets)),
  ];
}

/**
 * Pooled tenants share this many routes. One for each of them would be an object of its own per tenant; a single one
 * would be written whole for each new tenant and outgrow what the API server takes.
 */
const buckets = 32;

function bucketOf(tenant: string): number {
  return Number.parseInt(digestOf(tenant).slice(0, 4), 16) % buckets;
}

function facesOf(tenants: readonly PooledTenant[]): readonly Face[] {
  const hosts = tenants.flatMap((tenant) => tenant.hosts);
  return [
    { name: 'chat', hosts, paths: { '/v1': sharedNames.router, '/': sharedNames.chat } },
    { name: 'admin', hosts: hosts.map((host) => `admin.${host}`), paths: { '/': sharedNames.admin } },
  ];
}

function tlsOf({ platform, tenants }: { platform: PlatformSpec; tenants: readonly PooledTenant[] }): readonly object[] {
  return tenants.flatMap(({ name, hosts, certificates }) => {
    const own = hosts.flatMap((host) => {
      const secretName = certificates[host];
      return secretName === undefined ? [] : [{ hosts: [host, `admin.${host}`], secretName }];
    });
    const rest = hosts.filter((host) => certificates[host] === undefined);
    if (platform.ingress.clusterIssuer === undefined || rest.length === 0) return own;
    return [...own, { hosts: rest.flatMap((host) => [host, `admin.${host}`]), secretName: `tls-${name}` }];
  });
}

function bucketRoutes(input: SharedInput, bucket: number, tenants: readonly PooledTenant[]): readonly KubeObject[] {
  const { platform, capabilities } = input;
  const annotations = routeAnnotations(platform);
  const faces = facesOf(tenants);
  const name = `whisper-pooled-${bucket}`;
  if (platform.ingress.type === 'ingress') {
    const spec = ingressSpec(platform, faces, tlsOf({ platform, tenants }));
    return [shared(input, { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', name, annotations }, { spec })];
  }
  if (platform.ingress.type !== 'gateway' || !capabilities.gatewayApi) return [];
  const head = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute', annotations };
  return faces.flatMap((face) =>
    httpRouteSpecs(platform, face).map((spec, index) =>
      shared(input, { ...head, name: `${name}-${face.name}-${index + 1}` }, { spec }),
    ),
  );
}

/**
 * What the chart's shared workloads need and only the operator knows: the ways to databases, the secrets of pooled
 * tenants and the routes to them. A pooled tenant itself owns nothing of it.
 */
export function sharedObjects(input: SharedInput): readonly KubeObject[] {
  const tenants = [...input.tenants].sort((a, b) => (a.name < b.name ? -1 : 1));
  const routes = Array.from({ length: buckets }, (_none, bucket) => bucket).flatMap((bucket) => {
    const own = tenants.filter(({ name }) => bucketOf(name) === bucket);
    return own.length === 0 ? [] : bucketRoutes(input, bucket, own);
  });
  return [...sharedSecrets(input), ...routes];
}
