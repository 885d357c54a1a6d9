import { EntitySchema } from 'typeorm';
import type { SignInSession } from '#libs/identity/domain/sign-in-session.js';
import { sessionId, userId } from '#libs/kernel/ids.js';

export interface SessionRecord extends Omit<SignInSession, 'id' | 'personId' | 'sso'> {
  readonly id: string;
  readonly personId: string;
  readonly ssoConnection: string | null;
  readonly ssoSubject: string | null;
  readonly ssoSession: string | null;
  readonly ssoHint: string | null;
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
    proofs: { type: 'text', array: true },
    device: { type: 'text' },
    address: { type: 'text' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    authenticatedAt: { type: 'timestamptz', name: 'authenticated_at' },
    lastSeenAt: { type: 'timestamptz', name: 'last_seen_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
    ssoConnection: { type: 'text', name: 'sso_connection', nullable: true },
    ssoSubject: { type: 'text', name: 'sso_subject', nullable: true },
    ssoSession: { type: 'text', name: 'sso_session', nullable: true },
    ssoHint: { type: 'text', name: 'sso_hint', nullable: true },
  },
});

export function sessionFrom(row: Omit<SessionRecord, 'tokenHash'>): SignInSession {
  return {
    id: sessionId(row.id),
    personId: userId(row.personId),
    face: row.face,
    method: row.method,
    proofs: row.proofs,
    device: row.device,
    address: row.address,
    createdAt: row.createdAt,
    authenticatedAt: row.authenticatedAt,
    lastSeenAt: row.lastSeenAt,
    expiresAt: row.expiresAt,
    revokedAt: row.revokedAt,
    sso: ssoFrom(row),
  };
}

function ssoFrom(row: Omit<SessionRecord, 'tokenHash'>): SignInSession['sso'] {
  const { ssoConnection: connection, ssoSubject: subject } = row;
  if (connection === null || subject === null) return null;
  return { connection, subject, providerSession: row.ssoSession, signOutHint: row.ssoHint };
}
