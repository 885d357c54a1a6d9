import { type Ability, demand, mayRead } from '#libs/identity/domain/rights.js';
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
    demand(visitor.session.ability, 'read', 'audit');
    const { ability } = visitor.session;
    const page = await this.parts.sessions.run(visitor.tenant.id, ({ audit }) => audit.page(filter, ability));
    return { ...page, items: page.items.map((event) => shownTo(ability, event)) };
  }
}

/** The event without what the rules hold back. */
function shownTo(ability: Ability, event: AuditEvent): AuditEvent {
  const facts = { actorId: event.actor.id, action: event.action, outcome: event.outcome };
  const shows = (field: string) => mayRead(ability, 'audit', facts, field);
  return {
    ...event,
    address: shows('address') ? event.address : null,
    reason: shows('reason') ? event.reason : null,
  };
}
