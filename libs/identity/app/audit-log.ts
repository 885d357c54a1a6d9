import { type AuditEntry, auditEvent, type AuditedRequest } from '#libs/governance/domain/audit-event.js';
import type { AuditStores } from '#libs/governance/ports/audit-store.js';
import type { Clock } from '#libs/kernel/clock.js';
import type { Ids, TenantId } from '#libs/kernel/ids.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';

/** Writes what happened to the tenant's audit log. */
export class AuditLog {
  constructor(
    private readonly sessions: TenantSessions<AuditStores>,
    private readonly clock: Clock,
    private readonly ids: Ids,
  ) {}

  /** In the transaction of the action, so that neither is there without the other. */
  write(stores: AuditStores, request: AuditedRequest, entry: AuditEntry): Promise<void> {
    return stores.audit.append(auditEvent(request, entry, { id: this.ids.next(), at: this.clock.now() }));
  }

  /** A refusal, in a transaction of its own, since the refused action has none. */
  refuse(tenant: TenantId, request: AuditedRequest, entry: AuditEntry & { readonly reason: string }): Promise<void> {
    return this.sessions.run(tenant, (stores) => this.write(stores, request, { ...entry, outcome: 'refused' }));
  }
}

/** The actor of what is done on the command line, and how the log names it. */
export const commandLine = {
  request: { address: null, requestId: null, session: null },
  actor: { kind: 'system', id: null, name: 'command line' },
} as const;
