import type { TenantId } from '#libs/kernel/ids.js';

/**
 * The only way to a tenant's data. Adapters give `work` stores bound to that tenant and to one transaction
 * that runs as the tenant's own database role.
 */
export abstract class TenantSessions<Stores> {
  /**
   * Resolves only after the database has said COMMIT; any error rolls everything back.
   * Never call a model, or anything slow, inside `work`.
   * @throws {AppError} not_found for a tenant that is not there, tenant_moved, database_unavailable, disk_full
   */
  abstract run<Result>(tenant: TenantId, work: (stores: Stores) => Promise<Result>): Promise<Result>;
}
