import { platformName, type PlatformSpec } from '#libs/contracts/platform-spec.js';
import type { TenantManifest } from '#libs/contracts/tenant-spec.js';
import { AppError } from '#libs/kernel/errors.js';
import { readCompiledTenant } from '#libs/persistence/file-tenant-directory.js';
import { readManifests } from '#libs/sources/manifest.js';
import { describeTenant } from '#libs/tenancy/app/describe-tenant.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { fieldManagers, monitorKind, platformKind, routeKind } from '#operator/kinds.js';
import { platformState, versionFor } from '#operator/platform-state.js';
import { desired } from '#operator/resources/desired.js';
import { imageOf } from '#operator/resources/image.js';
import { childNames, namespaceOf, routerKeys } from '#operator/resources/names.js';
import type { RenderFacts, SecretFile } from '#operator/resources/render-input.js';
import { certificateName } from '#operator/resources/secrets.js';
import { digestOf, stableJson } from '#operator/resources/stable-json.js';
import type { KindName } from '#operator/runtime/api-resource.js';
import type { KubeClient } from '#operator/runtime/client.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { tenantChildren } from './tenant-children.js';
import { demandManifests, suffixesOf, type NamedText } from './render-manifests.js';

/** One object that would be made (`before` null), changed, or deleted (`after` null). */
export interface DiffedObject {
  /** Kind and name. */
  readonly title: string;
  readonly before: object | null;
  readonly after: object | null;
}

interface TenantDiff {
  readonly isPooled: boolean;
  readonly objects: readonly DiffedObject[];
}

/**
 * What a cluster would do with the manifest of a tenant, by dry runs of its API server. Texts of secrets are those
 * of now, and never shown.
 * @throws {AppError} manifest_invalid; KubeApiError with what the API server refuses
 */
export async function diffTenant(client: KubeClient, file: NamedText, operatorNamespace: string): Promise<TenantDiff> {
  const manifest = tenantOf(file);
  const { name } = manifest.metadata;
  const object: KubeObject = {
    apiVersion: manifest.apiVersion,
    kind: manifest.kind,
    metadata: { name },
    spec: manifest.spec,
  };
  const checked = await client.apply(object, { fieldManager: 'whisper-cli', force: true, dryRun: true });
  if (manifest.spec.isolation === 'pooled') return { isPooled: true, objects: [] };
  const live = await tenantChildren(client, name);
  const state = platformState(await client.get({ ...platformKind, name: platformName }));
  if (state === null) throw new AppError('manifest_invalid', 'The WhisperPlatform of the cluster is not valid.');
  const { spec: platform } = state;
  const version = versionFor(checked, manifest.spec, state);
  const image = imageOf(platform, version, state.images);
  const facts = await factsOf(client, { name, manifest, platform, live, version, image, operatorNamespace });
  const compiled = compile(manifest, platform, live, name);
  if (compiled === null) return { isPooled: false, objects: [added(name)] };
  const wanted = desired({
    tenant: { name, uid: checked.metadata.uid ?? '', spec: manifest.spec },
    platform,
    compiled,
    facts,
  });
  return { isPooled: false, objects: await compare(client, wanted, live) };
}

function tenantOf({ file, text }: NamedText): TenantManifest {
  const { manifests, problems } = readManifests(file, text);
  demandManifests(problems);
  const tenants = manifests.flatMap((one) => (one.kind === 'tenant' ? [one.manifest] : []));
  const [tenant] = tenants;
  if (tenant !== undefined && tenants.length === 1) return tenant;
  throw new AppError('manifest_invalid', `${file} holds ${tenants.length} tenants; give one.`);
}

function added(name: string): DiffedObject {
  return { title: `Namespace ${namespaceOf(name)} and everything in it`, before: null, after: {} };
}

function dataOf(live: readonly KubeObject[], kind: string, name: string): ReadonlyMap<string, string> {
  const data = live.find((object) => object.kind === kind && object.metadata.name === name)?.['data'];
  if (typeof data !== 'object' || data === null) return new Map();
  const read = (value: unknown) =>
    kind === 'Secret' ? Buffer.from(String(value), 'base64').toString('utf8') : String(value);
  return new Map(Object.entries(data).map(([key, value]) => [key, read(value)]));
}

/** The row as the pods have it, with what the manifest says now. Null where there is none yet. */
function compile(
  manifest: TenantManifest,
  platform: PlatformSpec,
  live: readonly KubeObject[],
  name: string,
): Tenant | null {
  const text = dataOf(live, 'ConfigMap', childNames.config).get('tenant.json');
  if (text === undefined) return null;
  const described = describeTenant(manifest, digestOf(manifest.spec), suffixesOf(platform));
  const { hosts, revision, profile, suspended } = described;
  const state = suspended ? 'suspended' : 'active';
  return { ...readCompiledTenant(text), slug: name, hosts, revision, state, manifest: profile };
}

interface FactParts {
  readonly name: string;
  readonly manifest: TenantManifest;
  readonly platform: PlatformSpec;
  readonly live: readonly KubeObject[];
  readonly version: string;
  readonly image: string;
  readonly operatorNamespace: string;
}

async function factsOf(client: KubeClient, parts: FactParts): Promise<RenderFacts> {
  const { manifest, platform, live, version, image, operatorNamespace } = parts;
  const secret = (name: string) => dataOf(live, 'Secret', name);
  const keys = secret(childNames.keys);
  const backends = dataOf(live, 'ConfigMap', childNames.config).get('backends.json') ?? '[]';
  const has = async (kind: KindName) => (await client.resources.discover(kind)) !== null;
  const [gatewayApi, serviceMonitor] = await Promise.all([has(routeKind), has(monitorKind)]);
  // As the autoscalers of now have it: the operator decides by what the cluster serves.
  const customMetrics = live.some(
    ({ kind, spec }) => kind === 'HorizontalPodAutoscaler' && stableJson(spec).includes('"pods":'),
  );
  return {
    version,
    image,
    operatorNamespace,
    databaseUrl: secret(childNames.database).get('url') ?? '',
    redisUrl: secret(childNames.redis).get('url') ?? null,
    masterKey: keys.get('master-key') ?? '',
    serviceKeys: keys.get(routerKeys.service) ?? '',
    clusterKeys: keys.get(routerKeys.cluster) ?? '',
    secrets: [...filesOf(secret(childNames.sso)), ...filesOf(secret(childNames.backends))],
    backends: JSON.parse(backends) as RenderFacts['backends'],
    certificates: (manifest.spec.domains ?? []).flatMap(({ host }) => {
      const brought = secret(certificateName(host));
      return brought.size === 0
        ? []
        : [{ host, certificate: brought.get('tls.crt') ?? '', key: brought.get('tls.key') ?? '' }];
    }),
    pullSecrets: Object.fromEntries(
      (platform.image.pullSecrets ?? []).map((name) => [name, secret(name).get('.dockerconfigjson') ?? '']),
    ),
    addresses: {},
    capabilities: { gatewayApi, serviceMonitor, customMetrics },
  };
}

/** Keys are `<owner>.<name>.<key>`; only the last part may hold a dot. */
function filesOf(texts: ReadonlyMap<string, string>): readonly SecretFile[] {
  return [...texts].map(([flat, value]) => {
    const [owner = '', name = '', ...key] = flat.split('.');
    return { owner, name, key: key.join('.'), value };
  });
}

async function compare(
  client: KubeClient,
  wanted: readonly KubeObject[],
  live: readonly KubeObject[],
): Promise<DiffedObject[]> {
  const titleOf = ({ kind, metadata }: KubeObject) => `${kind} ${metadata.name}`;
  const known = new Map(live.map((object) => [titleOf(object), object]));
  const found: DiffedObject[] = [];
  for (const object of wanted) {
    const title = titleOf(object);
    const before = known.get(title);
    known.delete(title);
    // Where the namespace is only wished for, nothing in it can be tried.
    if (before === undefined) {
      found.push({ title, before: null, after: {} });
      continue;
    }
    const after = await client.apply(object, { fieldManager: fieldManagers.children, force: true, dryRun: true });
    if (stableJson(shown(before)) !== stableJson(shown(after)))
      found.push({ title, before: shown(before), after: shown(after) });
  }
  return [...found, ...[...known.keys()].map((title) => ({ title, before: {}, after: null }))];
}

/** What a person compares: not who wrote it when, and no text of a secret. */
function shown(object: KubeObject): object {
  const { status: _status, metadata, ...rest } = object;
  const { labels, annotations = {} } = metadata;
  const { 'whisperengine.ai/applied': _applied, ...notes } = annotations;
  return {
    ...rest,
    metadata: { name: metadata.name, labels, annotations: notes },
    ...dataShown(object),
  };
}

/** Texts of a Secret as digests, and JSON of a ConfigMap as what it says. */
function dataShown({ kind, data }: KubeObject): object {
  if (typeof data !== 'object' || data === null) return {};
  const show = (value: unknown) => (kind === 'Secret' ? digestOf(value) : (JSON.parse(String(value)) as unknown));
  return { data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, show(value)])) };
}
