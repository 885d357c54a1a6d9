import type { EntityManager } from 'typeorm';
import { type RecoveryCodesLeft, RecoveryCodeStore } from '#libs/identity/ports/recovery-code-store.js';
import type { UserId } from '#libs/kernel/ids.js';
import { sql } from '../sql.js';

export class PostgresRecoveryCodeStore extends RecoveryCodeStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async of(person: UserId): Promise<RecoveryCodesLeft | null> {
    const [row] = await sql<{ left: number; createdAt: Date | null }>(
      this.manager,
      `select count(*) filter (where used_at is null)::int as left, max(created_at) as created_at
       from recovery_code where person_id = $1`,
      [person],
    );
    if (row === undefined || row.createdAt === null) return null;
    return { left: row.left, createdAt: row.createdAt };
  }

  override async replace(person: UserId, codeHashes: readonly Uint8Array[], at: Date): Promise<void> {
    await sql(this.manager, 'delete from recovery_code where person_id = $1', [person]);
    if (codeHashes.length === 0) return;
    await sql(
      this.manager,
      `insert into recovery_code (person_id, code_hash, created_at)
       select $1, decode(hash, 'hex'), $3 from unnest($2::text[]) hash`,
      [person, codeHashes.map((hash) => Buffer.from(hash).toString('hex')), at],
    );
  }

  override async use(person: UserId, codeHash: Uint8Array, at: Date): Promise<boolean> {
    const rows = await sql(
      this.manager,
      `update recovery_code set used_at = $3
       where person_id = $1 and code_hash = $2 and used_at is null returning 1`,
      [person, codeHash, at],
    );
    return rows.length === 1;
  }
}
