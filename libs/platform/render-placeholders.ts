import type { TenantManifest } from '#libs/contracts/tenant-spec.js';
import type { BackendManifest } from '#libs/contracts/backend-spec.js';
import type { PlatformSpec } from '#libs/contracts/platform-spec.js';
import { imageOf } from '#operator/resources/image.js';
import type { RenderFacts, SecretFile } from '#operator/resources/render-input.js';

/** Stands where a cluster has a secret that an offline look cannot know. */
const placeholder = (what: string) => `PLACEHOLDER ${what}`;

function secretsOf(manifest: TenantManifest, backends: readonly BackendManifest[]): readonly SecretFile[] {
  const { name } = manifest.metadata;
  const client = manifest.spec.sso?.oidc?.clientSecretRef;
  const own = client === undefined ? [] : [{ owner: name, ...client }];
  const keys = backends.flatMap(({ metadata, spec }) =>
    spec.apiKeySecretRef === undefined ? [] : [{ owner: `backend-${metadata.name}`, ...spec.apiKeySecretRef }],
  );
  return [...own, ...keys].map((file) => ({
    ...file,
    value: placeholder(`${file.owner}/${file.name}/${file.key}`),
  }));
}

/**
 * What an operator would find out, with names in place of what only a cluster knows. It renders as for a cluster that
 * has all that the platform can make use of.
 */
export function placeholderFacts(
  manifest: TenantManifest,
  platform: PlatformSpec,
  backends: readonly BackendManifest[],
): RenderFacts {
  const { name } = manifest.metadata;
  const named = new Set((manifest.spec.models?.backends ?? []).map(({ ref }) => ref));
  const used = backends.filter(({ metadata }) => named.has(metadata.name));
  const version = manifest.spec.platformVersion ?? platform.version;
  return {
    version,
    image: imageOf(platform, version),
    operatorNamespace: 'whisper-system',
    databaseUrl: `postgres://placeholder-login-of-${name}@placeholder-shard/whisper`,
    redisUrl: `redis://placeholder-login-of-${name}@placeholder-redis`,
    masterKey: placeholder('master key of the tenant'),
    serviceKeys: placeholder('keys of service tokens'),
    clusterKeys: placeholder('public keys of the cluster'),
    secrets: secretsOf(manifest, used),
    backends: used.map(({ metadata, spec }) => ({ name: metadata.name, revision: '', spec })),
    certificates: (manifest.spec.domains ?? []).flatMap(({ host, tlsSecretRef }) =>
      tlsSecretRef === undefined
        ? []
        : [{ host, certificate: placeholder(`tls.crt of ${tlsSecretRef.name}`), key: placeholder('tls.key') }],
    ),
    pullSecrets: Object.fromEntries(
      (platform.image.pullSecrets ?? []).map((secret) => [secret, placeholder(`.dockerconfigjson of ${secret}`)]),
    ),
    addresses: {},
    capabilities: { gatewayApi: true, serviceMonitor: true, customMetrics: true },
  };
}
