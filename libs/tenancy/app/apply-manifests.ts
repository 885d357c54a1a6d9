import { asAppError } from '#libs/kernel/errors.js';
import type { Tenant } from '../domain/tenant.js';
import type { ManifestSnapshot } from '../ports/manifest-source.js';
import type { BackendDescription, TenantDescription, TenantRegistry } from '../ports/tenant-registry.js';
import { describeTenant } from './describe-tenant.js';

/** What one pass over the manifests did. */
export interface AppliedManifests {
  readonly applied: readonly Tenant[];
  readonly suspended: readonly string[];
  /** One line each; the tenants they name keep their last good version. */
  readonly problems: readonly string[];
}

/**
 * Brings the directory in line with the manifests. A tenant whose manifest is gone is suspended and nothing of
 * it is deleted; one whose manifest is broken goes on with the version before.
 */
export class ApplyManifests {
  constructor(
    private readonly registry: TenantRegistry,
    private readonly hostSuffixes: readonly string[],
  ) {}

  async apply(snapshot: ManifestSnapshot): Promise<AppliedManifests> {
    const problems = [...snapshot.problems];
    const known = new Map((await this.registry.all()).map((tenant) => [tenant.slug, tenant]));
    await this.applyBackends(snapshot);
    await this.upgrade(problems);
    const applied: Tenant[] = [];
    for (const { manifest, revision } of snapshot.tenants) {
      try {
        const description = describeTenant(manifest, revision, this.hostSuffixes);
        if (!isInLine(known.get(description.slug), description)) applied.push(await this.registry.apply(description));
      } catch (error) {
        const { message, field, action } = asAppError(error);
        problems.push(`${manifest.metadata.name}: ${field ?? 'the manifest'}: ${message} ${action}`);
      }
    }
    return { applied, suspended: await this.suspendMissing(snapshot, known), problems };
  }

  /** After a change of version also those whose manifest is broken or gone need the tables this version works with. */
  private async upgrade(problems: string[]): Promise<void> {
    for (const slug of await this.registry.outdated()) {
      try {
        await this.registry.upgrade(slug);
      } catch (error) {
        const { message, action } = asAppError(error);
        problems.push(`${slug}: its tables could not be brought up to date: ${message} ${action}`);
      }
    }
  }

  private async suspendMissing(
    snapshot: ManifestSnapshot,
    known: ReadonlyMap<string, Tenant>,
  ): Promise<readonly string[]> {
    if (snapshot.incomplete) return [];
    const named = new Set(snapshot.tenants.map(({ manifest }) => manifest.metadata.name));
    const missing = [...known.values()].filter(
      ({ slug, state }) => state === 'active' && !named.has(slug) && !snapshot.brokenNames.has(slug),
    );
    for (const { slug } of missing) await this.registry.suspend(slug);
    return missing.map(({ slug }) => slug);
  }

  private async applyBackends(snapshot: ManifestSnapshot): Promise<void> {
    const known = new Map((await this.registry.backends()).map((backend) => [backend.name, backend]));
    for (const { manifest, revision } of snapshot.backends) {
      const description: BackendDescription = { name: manifest.metadata.name, revision, spec: manifest.spec };
      if (known.get(description.name)?.revision !== revision) await this.registry.applyBackend(description);
    }
    if (snapshot.incomplete) return;
    const named = new Set(snapshot.backends.map(({ manifest }) => manifest.metadata.name));
    for (const name of known.keys())
      if (!named.has(name) && !snapshot.brokenNames.has(name)) await this.registry.removeBackend(name);
  }
}

function isInLine(before: Tenant | undefined, description: TenantDescription): boolean {
  if (before?.revision !== description.revision) return false;
  return before.state === (description.suspended ? 'suspended' : 'active');
}
