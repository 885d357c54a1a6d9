import { EntitySchema } from 'typeorm';
import type { SsoRequest } from '#libs/identity/ports/sso-request-store.js';

export interface SsoRequestRecord extends SsoRequest {
  readonly stateHash: Uint8Array;
  readonly browserHash: Uint8Array;
}

export const SsoRequestRow = new EntitySchema<SsoRequestRecord>({
  name: 'sso_request',
  columns: {
    stateHash: { type: 'bytea', name: 'state_hash', primary: true },
    browserHash: { type: 'bytea', name: 'browser_hash' },
    checks: { type: 'jsonb' },
    returnTo: { type: 'text', name: 'return_to' },
    testId: { type: 'uuid', name: 'test_id', nullable: true },
    sessionId: { type: 'uuid', name: 'session_id', nullable: true },
    isFresh: { type: 'boolean', name: 'is_fresh' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at' },
  },
});
