import { RandomIds, tenantId, type TenantId } from '#libs/kernel/ids.js';
import type { EffectiveProfile, ModelProfile, Tenant } from '#libs/tenancy/domain/tenant.js';
import { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import { profileOf } from '#test/support/test-database.js';

const ids = new RandomIds();

/** A served tenant at `<slug>.localhost`; `models` replaces fields of an empty model profile. */
export function memoryTenant(slug: string, models: Partial<ModelProfile> = {}): Tenant {
  const name = `t_${slug.replaceAll('-', '')}`.padEnd(18, '0').slice(0, 18);
  const manifest = profileOf(slug);
  return {
    id: tenantId(ids.next()),
    slug,
    schema: name,
    role: name,
    shard: 'main',
    state: 'active',
    epoch: 1,
    revision: 'r1',
    hosts: [`${slug}.localhost`],
    manifest: { ...manifest, models: { ...manifest.models, ...models } },
  };
}

/** Tenants in memory, with profiles that a test may change. */
export class MemoryTenants extends TenantDirectory {
  private readonly tenants = new Map<TenantId, Tenant>();

  add(tenant: Tenant): Tenant {
    this.tenants.set(tenant.id, tenant);
    return tenant;
  }

  override byHost(host: string): Promise<Tenant | null> {
    return this.first((tenant) => tenant.hosts.includes(host));
  }

  override byId(id: TenantId): Promise<Tenant | null> {
    return Promise.resolve(this.tenants.get(id) ?? null);
  }

  override bySlug(slug: string): Promise<Tenant | null> {
    return this.first((tenant) => tenant.slug === slug);
  }

  override list(): Promise<readonly Tenant[]> {
    return Promise.resolve([...this.tenants.values()]);
  }

  override doubt(): void {
    // Always up to date.
  }

  override onChange(): void {
    // The tenants of a test do not change behind its back.
  }

  private first(fits: (tenant: Tenant) => boolean): Promise<Tenant | null> {
    return Promise.resolve([...this.tenants.values()].find(fits) ?? null);
  }
}

/** Profiles as the manifest says, save where a test has set model settings. */
export class MemoryProfiles extends TenantProfiles {
  private readonly changed = new Map<TenantId, EffectiveProfile>();

  setModels(tenant: Tenant, models: Partial<ModelProfile>): void {
    this.changed.set(tenant.id, {
      ...tenant.manifest,
      passwordsFor: 'everybody',
      secondFactor: 'optional',
      models: { ...tenant.manifest.models, ...models },
    });
  }

  override effective(tenant: Tenant): Promise<EffectiveProfile> {
    return Promise.resolve(
      this.changed.get(tenant.id) ?? {
        ...tenant.manifest,
        passwordsFor: 'everybody',
        secondFactor: 'optional',
      },
    );
  }

  override invalidate(tenant: Tenant): void {
    this.changed.delete(tenant.id);
  }
}
