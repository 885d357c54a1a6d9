import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Origins } from '../domain/origin.js';

/** Where a tenant's pages are, for links that leave the platform. */
export abstract class TenantOrigins {
  abstract primary(tenant: Tenant): Origins;
  /** At a host of the tenant that a browser named. */
  abstract at(host: string): Origins;
}
