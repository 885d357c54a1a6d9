import type { BackendManifest } from '#libs/contracts/backend-spec.js';
import type { TenantManifest } from '#libs/contracts/tenant-spec.js';

/** All manifests as they stand now. */
export interface ManifestSnapshot {
  readonly tenants: readonly { readonly manifest: TenantManifest; readonly revision: string }[];
  readonly backends: readonly { readonly manifest: BackendManifest; readonly revision: string }[];
  /** One line for each thing wrong: file, line, field, fix. */
  readonly problems: readonly string[];
  /** Names that a broken manifest still shows: these are not gone, so they keep their last good version. */
  readonly brokenNames: ReadonlySet<string>;
  /** A file could not be read at all, so nothing can be said to be gone. */
  readonly incomplete: boolean;
}

/** Where manifests come from. */
export abstract class ManifestSource {
  abstract read(): Promise<ManifestSnapshot>;
  /** Calls `changed` after each change, with bursts gathered. The returned function ends the watch. */
  abstract watch(changed: () => void): Promise<() => Promise<void>>;
}
