import type { BackendView } from '#libs/contracts/admin-api.js';
import type { UserId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** The model servers of a tenant, with what is known of their health right now. */
export abstract class BackendDirectory {
  /** @throws {AppError} backend_unavailable when they cannot be asked for */
  abstract list(tenant: Tenant, actor: UserId): Promise<readonly BackendView[]>;
}
