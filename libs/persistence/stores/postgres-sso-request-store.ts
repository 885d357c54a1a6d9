import type { EntityManager } from 'typeorm';
import { type SsoRequest, SsoRequestStore } from '#libs/identity/ports/sso-request-store.js';
import { type SsoRequestRecord, SsoRequestRow } from '../rows/sso-request-row.js';
import { sql } from '../sql.js';

export class PostgresSsoRequestStore extends SsoRequestStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(request: SsoRequest, stateHash: Uint8Array, browserHash: Uint8Array): Promise<void> {
    await this.manager.getRepository(SsoRequestRow).insert({ ...request, stateHash, browserHash });
  }

  override async take(stateHash: Uint8Array, browserHash: Uint8Array, now: Date): Promise<SsoRequest | null> {
    const [row] = await sql<SsoRequestRecord>(
      this.manager,
      'delete from sso_request where state_hash = $1 and browser_hash = $2 and expires_at > $3 returning *',
      [stateHash, browserHash, now],
    );
    if (row === undefined) return null;
    const { checks, returnTo, testId, sessionId, isFresh, createdAt, expiresAt } = row;
    return { checks, returnTo, testId, sessionId, isFresh, createdAt, expiresAt };
  }

  override async expire(now: Date): Promise<void> {
    await sql(this.manager, 'delete from sso_request where expires_at <= $1', [now]);
  }
}
