import { PlatformStatus } from '#libs/contracts/object-status.js';
import { PlatformSpec } from '#libs/contracts/platform-spec.js';
import type { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { annotations } from './kinds.js';
import type { VersionImage } from './resources/image.js';
import type { KubeObject } from './runtime/kube-object.js';
import { readStatus } from './tenant-work.js';

/** What a tenant is made from beside its own manifest. */
export interface PlatformState {
  readonly spec: PlatformSpec;
  /** Version that every following tenant has; null where nobody has said so yet. */
  readonly reached: string | null;
  readonly images: readonly VersionImage[];
}

/** The platform as its object tells; null where there is none, or one that is not valid. */
export function platformState(object: KubeObject | undefined): PlatformState | null {
  const spec = PlatformSpec.safeParse(object?.['spec']);
  if (!spec.success) return null;
  const { version, images } = PlatformStatus.safeParse(object?.['status'] ?? {}).data ?? {};
  return { spec: spec.data, reached: version ?? null, images: images ?? [] };
}

/**
 * The version that a tenant should run: that of its manifest, else that of a rollout, else the one it ran last, else
 * the one that everybody has. Pooled tenants are served by the shared apps, which have the platform's version.
 */
export function versionFor(object: KubeObject, spec: TenantSpec, platform: PlatformState): string {
  if (spec.isolation === 'pooled') return platform.spec.version;
  const assigned = object.metadata.annotations?.[annotations.assignedVersion];
  const last = readStatus(object).platformVersion;
  return spec.platformVersion ?? assigned ?? last ?? platform.reached ?? platform.spec.version;
}
