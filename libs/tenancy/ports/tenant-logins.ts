import type { TenantId } from '#libs/kernel/ids.js';

/** Logins with which dedicated workloads reach their own tenant's schema and nothing else. */
export abstract class TenantLogins {
  /**
   * Lets the tenant's own role log in and gives its connection URL. Safe to run again: the same URL.
   * @throws {AppError} not_found, shard_unavailable
   */
  abstract give(tenant: TenantId): Promise<string>;
  /** Another password. Connections that are open stay; new ones need the new URL, so roll the workloads after it. */
  abstract rotate(tenant: TenantId): Promise<string>;
  /** Takes the login back and ends its connections. The data stays, and the shared apps can still serve it. */
  abstract take(tenant: TenantId): Promise<void>;
}
