import type { EntityManager } from 'typeorm';
import type { AuditEvent } from '#libs/governance/domain/audit-event.js';
import type { Ability } from '#libs/identity/domain/rights.js';
import { type AuditFilter, AuditStore } from '#libs/governance/ports/audit-store.js';
import { type FactColumns, visibleTo } from '../ability-sql.js';
import { pageFrom, placeCursor, readPlace } from '../keyset.js';
import { auditEventFrom, type AuditEventRecord, AuditEventRow, auditEventToRow } from '../rows/audit-event-row.js';
import { sql } from '../sql.js';

const columns: FactColumns = { actorId: 'actor_id', action: 'action', outcome: 'outcome' };

export class PostgresAuditStore extends AuditStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async append(event: AuditEvent): Promise<void> {
    await this.manager.getRepository(AuditEventRow).insert(auditEventToRow(event));
  }

  override async page(
    filter: AuditFilter,
    ability: Ability,
  ): Promise<{ readonly items: readonly AuditEvent[]; readonly nextCursor: string | null }> {
    const after = readPlace(filter.cursor);
    const visible = visibleTo(ability, { action: 'read', subject: 'audit', columns }, 5);
    const rows = await sql<AuditEventRecord>(
      this.manager,
      `select * from audit_event
       where ($1::timestamptz is null or (at, id) < ($1, $2::uuid))
         and ($3::text is null or action = $3) and ($4::text is null or outcome = $4) and ${visible.text}
       order by at desc, id desc limit $5`,
      [after?.at ?? null, after?.id ?? null, filter.action, filter.outcome, filter.limit + 1, ...visible.values],
    );
    return pageFrom(rows.map(auditEventFrom), filter.limit, ({ at, id }) => placeCursor(at, id));
  }
}
