import { EntitySchema } from 'typeorm';
import type { AuditActor, AuditEvent } from '#libs/governance/domain/audit-event.js';

export interface AuditEventRecord extends Omit<AuditEvent, 'actor'> {
  readonly actorKind: AuditActor['kind'];
  readonly actorId: string | null;
  readonly actorName: string;
}

export const AuditEventRow = new EntitySchema<AuditEventRecord>({
  name: 'audit_event',
  columns: {
    id: { type: 'uuid', primary: true },
    at: { type: 'timestamptz' },
    actorKind: { type: 'text', name: 'actor_kind' },
    actorId: { type: 'text', name: 'actor_id', nullable: true },
    actorName: { type: 'text', name: 'actor_name' },
    action: { type: 'text' },
    target: { type: 'text', nullable: true },
    outcome: { type: 'text' },
    reason: { type: 'text', nullable: true },
    address: { type: 'text', nullable: true },
    requestId: { type: 'text', name: 'request_id', nullable: true },
  },
});

export function auditEventFrom(row: AuditEventRecord): AuditEvent {
  const { actorKind, actorId, actorName, ...rest } = row;
  return { ...rest, actor: { kind: actorKind, id: actorId, name: actorName } };
}

export function auditEventToRow({ actor, ...event }: AuditEvent): AuditEventRecord {
  return { ...event, actorKind: actor.kind, actorId: actor.id, actorName: actor.name };
}
