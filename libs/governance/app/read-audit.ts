import { abilityOf, demand } from '#libs/identity/domain/abilities.js';
import type { SignedInVisitor } from '#libs/identity/domain/visitor.js';
import type { AuditEvent } from '../domain/audit-event.js';
import type { AuditFilter } from '../ports/audit-store.js';
import type { GovernanceParts } from './governance-parts.js';

/** The audit log as admins read it. */
export class ReadAudit {
  constructor(private readonly parts: Pick<GovernanceParts, 'sessions'>) {}

  /** Newest first. @throws {AppError} forbidden */
  async page(
    visitor: SignedInVisitor,
    filter: AuditFilter,
  ): Promise<{ readonly items: readonly AuditEvent[]; readonly nextCursor: string | null }> {
    demand(abilityOf(visitor.session.role), 'read', 'audit');
    return this.parts.sessions.run(visitor.tenant.id, ({ audit }) => audit.page(filter));
  }
}
