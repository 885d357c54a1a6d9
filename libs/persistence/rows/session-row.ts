import { EntitySchema } from 'typeorm';
import type { SignInSession } from '#libs/identity/domain/sign-in-session.js';
import { sessionId, userId } from '#libs/kernel/ids.js';

export interface SessionRecord extends Omit<SignInSession, 'id' | 'personId'> {
  readonly id: string;
  readonly personId: string;
  readonly tokenHash: Uint8Array;
}

export const SessionRow = new EntitySchema<SessionRecord>({
  name: 'session',
  columns: {
    id: { type: 'uuid', primary: true },
    tokenHash: { type: 'bytea', name: 'token_hash' },
    personId: { type: 'uuid', name: 'person_id' },
    face: { type: 'text' },
    method: { type: 'text' },
    device: { type: 'text' },
    address: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

export function sessionFrom(row: Omit<SessionRecord, 'tokenHash'>): SignInSession {
  return {
    id: sessionId(row.id),
    personId: userId(row.personId),
    face: row.face,
    method: row.method,
    device: row.device,
    address: row.address,
    createdAt: row.createdAt,
    lastSeenAt: row.lastSeenAt,
    expiresAt: row.expiresAt,
    revokedAt: row.revokedAt,
  };
}
