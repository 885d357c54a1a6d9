import type { EntityManager } from 'typeorm';
import type { AuditEvent } from '#libs/governance/domain/audit-event.js';
import { type AuditFilter, AuditStore } from '#libs/governance/ports/audit-store.js';
import { pageFrom, placeCursor, readPlace } from '../keyset.js';
import { auditEventFrom, type AuditEventRecord, AuditEventRow, auditEventToRow } from '../rows/audit-event-row.js';
import { sql } from '../sql.js';

export class PostgresAuditStore extends AuditStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async append(event: AuditEvent): Promise<void> {
    await this.manager.getRepository(AuditEventRow).insert(auditEventToRow(event));
  }

  override async page(
    filter: AuditFilter,
  ): Promise<{ readonly items: readonly AuditEvent[]; readonly nextCursor: string | null }> {
    const after = readPlace(filter.cursor);
    const rows = await sql<AuditEventRecord>(
      this.manager,
      `select * from audit_event
       where ($1::timestamptz is null or (at, id) < ($1, $2::uuid))
         and ($3::text is null or action = $3) and ($4::text is null or outcome = $4)
       order by at desc, id desc limit $5`,
      [after?.at ?? null, after?.id ?? null, filter.action, filter.outcome, filter.limit + 1],
    );
    return pageFrom(rows.map(auditEventFrom), filter.limit, ({ at, id }) => placeCursor(at, id));
  }
}
