import type { TenantId } from '#libs/kernel/ids.js';
import type { Tenant, TenantProfile } from '../domain/tenant.js';

/** One tenant as its manifest describes it. */
export interface TenantDescription {
  readonly slug: string;
  readonly hosts: readonly string[];
  readonly suspended: boolean;
  readonly revision: string;
  readonly profile: TenantProfile;
}

/** One server of models as its manifest describes it. `spec` is the checked manifest's. */
export interface BackendDescription {
  readonly name: string;
  readonly revision: string;
  readonly spec: unknown;
}

/** Writes the directory: what the folder watcher and the operator do. */
export abstract class TenantRegistry {
  /**
   * Makes the tenant (schema, role, rights, migrations) or brings it in line with its description. It becomes
   * routable only when all of that is done. Safe to run again after a crash at any point.
   * @throws {AppError} conflict when another tenant has one of the hosts
   */
  abstract apply(description: TenantDescription): Promise<Tenant>;
  /** Stops to serve a tenant and deletes nothing. */
  abstract suspend(slug: string): Promise<void>;
  /** Drops the tenant's schema, role and directory row. Cannot be undone. */
  abstract erase(id: TenantId): Promise<void>;
  /** Every tenant of the directory, suspended ones included. */
  abstract all(): Promise<readonly Tenant[]>;
  abstract applyBackend(description: BackendDescription): Promise<void>;
  abstract removeBackend(name: string): Promise<void>;
  abstract backends(): Promise<readonly BackendDescription[]>;
}
