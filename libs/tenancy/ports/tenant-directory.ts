import type { TenantId } from '#libs/kernel/ids.js';
import type { Tenant } from '../domain/tenant.js';

/** Which tenants there are and where they live. Answers come from memory; changes arrive within a second. */
export abstract class TenantDirectory {
  /** The tenant of a host name (without port, lower case), or null for every unknown one. */
  abstract byHost(host: string): Promise<Tenant | null>;
  abstract byId(id: TenantId): Promise<Tenant | null>;
  abstract bySlug(slug: string): Promise<Tenant | null>;
  abstract list(): Promise<readonly Tenant[]>;
  /** Asks anew for a tenant whose answer has turned out to be out of date. */
  abstract doubt(id: TenantId): void;
  /** Calls `listener` after each change; it may be called without one. */
  abstract onChange(listener: () => void): void;
}
