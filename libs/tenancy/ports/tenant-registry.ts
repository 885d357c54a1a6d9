import type { TenantId } from '#libs/kernel/ids.js';
import type { PlacementWish } from '../domain/placement.js';
import type { Tenant, TenantProfile } from '../domain/tenant.js';

/** Which workloads serve a tenant in a cluster: its own, or the shared ones. */
export type Isolation = 'dedicated' | 'pooled';

/** One tenant as its manifest describes it. */
export interface TenantDescription {
  readonly slug: string;
  readonly hosts: readonly string[];
  readonly suspended: boolean;
  /** Names this state of the whole description: the same revision is taken for the same profile. */
  readonly revision: string;
  readonly profile: TenantProfile;
  /** Left out: dedicated. One machine serves both alike. */
  readonly isolation?: Isolation;
  /** Where a new tenant should live. One that is there already stays where it is. */
  readonly placement?: PlacementWish;
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
   * routable only when all of that is done. Safe to run again after a crash at any point; where nothing has changed,
   * nothing is written and nobody is told.
   * @throws {AppError} conflict when another tenant has one of the hosts or this one is being erased; no_shard
   * saying why no shard takes it; shard_unavailable
   */
  abstract apply(description: TenantDescription): Promise<Tenant>;
  /** Stops to serve a tenant and deletes nothing. */
  abstract suspend(slug: string): Promise<void>;
  /** Shuts a tenant for good before its data is exported or dropped: nobody reads or writes it from then on. */
  abstract retire(id: TenantId): Promise<void>;
  /** Drops the tenant's schema, role and directory row. Cannot be undone; safe to run again after a crash. */
  abstract erase(id: TenantId): Promise<void>;
  /** Names of tenants whose schema lacks a migration of this version. */
  abstract outdated(): Promise<ReadonlySet<string>>;
  /**
   * Brings the schema of a tenant up to date and changes nothing else; one that was never finished is left to `apply`.
   * @throws {AppError} shard_unavailable
   */
  abstract upgrade(slug: string): Promise<void>;
  /** One tenant of the directory, whatever its state; null where it was never made. */
  abstract find(slug: string): Promise<Tenant | null>;
  /** Every tenant of the directory, suspended ones included. */
  abstract all(): Promise<readonly Tenant[]>;
  abstract applyBackend(description: BackendDescription): Promise<void>;
  abstract removeBackend(name: string): Promise<void>;
  abstract backends(): Promise<readonly BackendDescription[]>;
}
