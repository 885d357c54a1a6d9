import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { ModelCatalogue } from '../domain/model-catalogue.js';
import type { KnownBackends } from './known-backends.js';

/** What a tenant's callers may use right now, from memory: a dead backend never delays the list. */
export class ListModels {
  constructor(
    private readonly profiles: TenantProfiles,
    private readonly backends: KnownBackends,
  ) {}

  async of(tenant: Tenant): Promise<ModelCatalogue> {
    const { models } = await this.profiles.effective(tenant);
    return this.backends.catalogue(models);
  }
}
