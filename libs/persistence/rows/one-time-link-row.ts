import { EntitySchema } from 'typeorm';
import type { OneTimeLink } from '#libs/identity/domain/one-time-link.js';
import { sessionId, userId } from '#libs/kernel/ids.js';

export interface OneTimeLinkRecord extends Omit<OneTimeLink, 'personId' | 'sessionId'> {
  readonly tokenHash: Uint8Array;
  readonly personId: string | null;
  readonly sessionId: string | null;
}

export const OneTimeLinkRow = new EntitySchema<OneTimeLinkRecord>({
  name: 'one_time_link',
  columns: {
    id: { type: 'uuid', primary: true },
    tokenHash: { type: 'bytea', name: 'token_hash' },
    purpose: { type: 'text' },
    email: { type: 'text' },
    role: { type: 'text', nullable: true },
    personId: { type: 'uuid', name: 'person_id', nullable: true },
    sessionId: { type: 'uuid', name: 'session_id', nullable: true },
    createdBy: { type: 'text', name: 'created_by' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    usedAt: { type: 'timestamptz', name: 'used_at', nullable: true },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

export function linkFrom(row: Omit<OneTimeLinkRecord, 'tokenHash'>): OneTimeLink {
  return {
    id: row.id,
    purpose: row.purpose,
    email: row.email,
    role: row.role,
    personId: row.personId === null ? null : userId(row.personId),
    sessionId: row.sessionId === null ? null : sessionId(row.sessionId),
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    usedAt: row.usedAt,
    revokedAt: row.revokedAt,
  };
}
