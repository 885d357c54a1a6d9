import type { Tenant } from '../domain/tenant.js';

/** Logins of dedicated tenants at the server of queues, messages and limits, each shut in the tenant's own names. */
export abstract class QueueAccess {
  /**
   * Lets the tenant's workloads log in and gives their connection URL. Safe to run again: the same URL.
   * @param generation of the password, from 1; the one before is believed as well, so that workloads can be rolled
   * @throws {AppError} queue_unavailable
   */
  abstract give(tenant: Tenant, generation?: number): Promise<string>;
  /**
   * The same for the apps that serve pooled tenants, whose names all start with `prefix:`.
   * @throws {AppError} queue_unavailable
   */
  abstract giveShared(prefix: string): Promise<string>;
  /** Takes the login back, ends its connections, and deletes what the tenant has there: nothing but the passing is kept there. */
  abstract take(tenant: Tenant): Promise<void>;
  /** Calls `listener` when the server has been away: one that came back empty has lost every login. */
  abstract onReturn(listener: () => void): void;
  abstract close(): Promise<void>;
}
