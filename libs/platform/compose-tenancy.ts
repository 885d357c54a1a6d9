import { ManifestFolder } from '#libs/sources/manifest-folder.js';
import { type AppliedManifests, ApplyManifests } from '#libs/tenancy/app/apply-manifests.js';
import { followManifests } from './follow-manifests.js';
import { hostSuffixes } from './addresses-of.js';
import type { OpenFoundation } from './open-foundation.js';

interface Tenancy {
  /** What the first pass over the manifests did. */
  readonly first: AppliedManifests;
  stop(): Promise<void>;
}

/** Applies the folder of manifests and follows it. */
export function composeTenancy(
  { config, database, log }: OpenFoundation,
  tell: (applied: AppliedManifests) => void,
): Promise<Tenancy> {
  return followManifests({
    source: new ManifestFolder(config.tenants),
    apply: new ApplyManifests(database.registry, hostSuffixes(config)),
    tell,
    onError: (message) => log.error({ error: message }, 'the manifests could not be applied'),
  });
}
