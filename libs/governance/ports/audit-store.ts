import type { Ability } from '#libs/identity/domain/rights.js';
import type { AuditEvent } from '../domain/audit-event.js';

export interface AuditFilter {
  readonly action: string | null;
  readonly outcome: 'success' | 'refused' | null;
  readonly cursor: string | null;
  readonly limit: number;
}

/** Append-only log of sign-ins and admin actions, written in the transaction of the action. Bound to one tenant. */
export abstract class AuditStore {
  abstract append(event: AuditEvent): Promise<void>;
  /** Those the ability lets be read, newest first. */
  abstract page(
    filter: AuditFilter,
    ability: Ability,
  ): Promise<{ readonly items: readonly AuditEvent[]; readonly nextCursor: string | null }>;
}

export interface AuditStores {
  readonly audit: AuditStore;
}
