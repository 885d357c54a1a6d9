import { EntitySchema } from 'typeorm';
import type { ApiKey } from '#libs/identity/domain/api-key.js';
import { userId } from '#libs/kernel/ids.js';

export interface ApiKeyRecord extends Omit<ApiKey, 'scopes' | 'personId' | 'limits'> {
  readonly rpm: number | null;
  readonly tpm: number | null;
  readonly concurrent: number | null;
  readonly scopes: string[];
  readonly personId: string | null;
  readonly secretHash: Uint8Array;
}

export const ApiKeyRow = new EntitySchema<ApiKeyRecord>({
  name: 'api_key',
  columns: {
    id: { type: 'text', primary: true },
    name: { type: 'text' },
    secretHash: { type: 'bytea', name: 'secret_hash' },
    scopes: { type: 'text', array: true },
    rpm: { type: 'integer', nullable: true },
    tpm: { type: 'integer', nullable: true },
    concurrent: { type: 'integer', nullable: true },
    personId: { type: 'uuid', name: 'person_id', nullable: true },
    createdBy: { type: 'text', name: 'created_by' },
    createdAt: { type: 'timestamptz', name: 'created_at' },
    expiresAt: { type: 'timestamptz', name: 'expires_at', nullable: true },
    lastUsedAt: { type: 'timestamptz', name: 'last_used_at', nullable: true },
    revokedAt: { type: 'timestamptz', name: 'revoked_at', nullable: true },
  },
});

export function keyFrom(row: Omit<ApiKeyRecord, 'secretHash'>): ApiKey {
  return {
    id: row.id,
    name: row.name,
    scopes: row.scopes,
    limits: limitsFrom(row),
    personId: row.personId === null ? null : userId(row.personId),
    createdBy: row.createdBy,
    createdAt: row.createdAt,
    expiresAt: row.expiresAt,
    lastUsedAt: row.lastUsedAt,
    revokedAt: row.revokedAt,
  };
}

function limitsFrom({ rpm, tpm, concurrent }: Pick<ApiKeyRecord, 'rpm' | 'tpm' | 'concurrent'>): ApiKey['limits'] {
  return rpm === null && tpm === null && concurrent === null ? null : { rpm, tpm, concurrent };
}
