import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import type { TenantManifest } from '#libs/contracts/tenant-spec.js';
import { AppError } from '#libs/kernel/errors.js';
import { tenantId } from '#libs/kernel/ids.js';
import { type ManifestProblem, problemText, readManifests } from '#libs/sources/manifest.js';
import { readPlatform } from '#libs/sources/platform-manifest.js';
import { describeTenant } from '#libs/tenancy/app/describe-tenant.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { desired } from '#operator/resources/desired.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { placeholderFacts } from './render-placeholders.js';

/** A file by its name and text. */
export interface NamedText {
  readonly file: string;
  readonly text: string;
}

/** A tenant and the objects it would have in a cluster; none for a pooled one. */
export interface RenderedTenant {
  readonly name: string;
  readonly isolation: 'dedicated' | 'pooled';
  readonly objects: readonly KubeObject[];
}

const noId = '00000000-0000-4000-8000-000000000000';
const noSchema = 't_placeholder00000';

/** @throws {AppError} manifest_invalid naming every fault, where there is one */
export function demandManifests(problems: readonly ManifestProblem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  throw new AppError('manifest_invalid', problems.map(problemText).join('\n         '), { field: first.field });
}

function platformOf(given: NamedText | null, version: string): PlatformSpec {
  if (given === null) return PlatformSpec.parse({ version });
  const read = readPlatform(given.file, given.text);
  if (read.kind === 'read') return read.manifest.spec;
  demandManifests(read.problems);
  throw new AppError('manifest_invalid', `${given.file} holds no WhisperPlatform.`);
}

/** Suffix of the hosts that the platform gives its tenants. */
export function suffixesOf({ publicUrl }: PlatformSpec): readonly string[] {
  return publicUrl === undefined ? [] : [new URL(publicUrl).hostname];
}

function compile(manifest: TenantManifest, revision: string, platform: PlatformSpec): Tenant {
  const { slug, hosts, suspended, profile } = describeTenant(manifest, revision, suffixesOf(platform));
  return {
    id: tenantId(noId),
    slug,
    schema: noSchema,
    role: noSchema,
    shard: manifest.spec.database.shard ?? 'placeholder-shard',
    state: suspended ? 'suspended' : 'active',
    epoch: 1,
    revision,
    hosts,
    manifest: profile,
  };
}

/** A Secret with its texts as they are, which is what a person wants to see and the API server takes just as well. */
function readable(object: KubeObject): KubeObject {
  if (object.kind !== 'Secret') return object;
  const { data, ...rest } = object;
  const texts = Object.entries(typeof data === 'object' && data !== null ? data : {}).map(
    ([key, text]): [string, string] => [key, Buffer.from(String(text), 'base64').toString('utf8')],
  );
  return { ...rest, stringData: Object.fromEntries(texts) };
}

/**
 * The objects that the operator would make of manifests, without a cluster. Secrets have placeholders.
 * @param platform file of the WhisperPlatform; null: one of this version with the defaults
 * @throws {AppError} manifest_invalid naming every fault
 */
export function renderManifests(
  files: readonly NamedText[],
  platform: NamedText | null,
  version: string,
): readonly RenderedTenant[] {
  const spec = platformOf(platform, version);
  const read = files.map(({ file, text }) => readManifests(file, text));
  demandManifests(read.flatMap(({ problems }) => problems));
  const manifests = read.flatMap((one) => one.manifests);
  const backends = manifests.flatMap((one) => (one.kind === 'backend' ? [one.manifest] : []));
  return manifests.flatMap((one) => {
    if (one.kind !== 'tenant') return [];
    const { manifest, revision } = one;
    const { name } = manifest.metadata;
    const objects = desired({
      tenant: { name, uid: noId, spec: manifest.spec },
      platform: spec,
      compiled: compile(manifest, revision, spec),
      facts: placeholderFacts(manifest, spec, backends),
    });
    return [{ name, isolation: manifest.spec.isolation, objects: objects.map(readable) }];
  });
}
