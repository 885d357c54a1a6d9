import type { TenantId } from '#libs/kernel/ids.js';

export type BusHandler = (message: unknown) => void;

/**
 * Carries small JSON messages between the processes of a tenant, at most once: it may lose any of them, so a
 * reader repairs from the database. Messages of one publisher on one topic arrive in order. A handler that throws
 * harms neither the publisher nor the other handlers.
 */
export abstract class Bus {
  abstract publish(tenant: TenantId, topic: string, message: unknown): void;
  /** Resolves when messages published from now on will arrive. The returned function ends the subscription. */
  abstract subscribe(tenant: TenantId, topic: string, handler: BusHandler): Promise<() => void>;
  abstract close(): Promise<void>;
}
