/** One thing somebody did or tried. Holds no conversation content and no secret. */
export interface AuditEvent {
  readonly id: string;
  readonly at: Date;
  readonly actor: { readonly kind: 'person' | 'key' | 'system'; readonly id: string | null; readonly name: string };
  /** noun.verb, as `session.create`. */
  readonly action: string;
  readonly target: string | null;
  readonly outcome: 'success' | 'refused';
  readonly reason: string | null;
  readonly address: string | null;
  readonly requestId: string | null;
}

export interface AuditFilter {
  readonly action: string | null;
  readonly outcome: 'success' | 'refused' | null;
  readonly cursor: string | null;
  readonly limit: number;
}

/** Append-only log of sign-ins and admin actions, written in the transaction of the action. Bound to one tenant. */
export abstract class AuditStore {
  abstract append(event: AuditEvent): Promise<void>;
  /** Newest first. */
  abstract page(
    filter: AuditFilter,
  ): Promise<{ readonly items: readonly AuditEvent[]; readonly nextCursor: string | null }>;
}

export interface AuditStores {
  readonly audit: AuditStore;
}
