import type { EntityManager } from 'typeorm';
import { tokenHash } from '#libs/identity/domain/token-hash.js';
import { ReplayStore } from '#libs/identity/ports/replay-store.js';
import { sql } from '../sql.js';

export class PostgresReplayStore extends ReplayStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async use(id: string, until: Date): Promise<boolean> {
    const rows = await sql(
      this.manager,
      'insert into replay (id_hash, expires_at) values ($1, $2) on conflict do nothing returning 1',
      [tokenHash(id), until],
    );
    return rows.length === 1;
  }

  override async expire(now: Date): Promise<void> {
    await sql(this.manager, 'delete from replay where expires_at <= $1', [now]);
  }
}
