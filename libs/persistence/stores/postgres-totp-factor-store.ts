import type { EntityManager } from 'typeorm';
import { type TotpFactor, TotpFactorStore } from '#libs/identity/ports/totp-factor-store.js';
import type { UserId } from '#libs/kernel/ids.js';
import { sql } from '../sql.js';

export class PostgresTotpFactorStore extends TotpFactorStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async of(person: UserId): Promise<TotpFactor | null> {
    const [row] = await sql<TotpFactor>(
      this.manager,
      'select sealed_secret, created_at from totp_factor where person_id = $1',
      [person],
    );
    return row ?? null;
  }

  override async set(person: UserId, { sealedSecret, createdAt }: TotpFactor, step: number): Promise<void> {
    await sql(
      this.manager,
      `insert into totp_factor (person_id, sealed_secret, created_at, last_step) values ($1, $2, $3, $4)
       on conflict (person_id) do update
         set sealed_secret = excluded.sealed_secret, created_at = excluded.created_at, last_step = excluded.last_step`,
      [person, sealedSecret, createdAt, step],
    );
  }

  override async useStep(person: UserId, step: number): Promise<boolean> {
    const rows = await sql(
      this.manager,
      'update totp_factor set last_step = $2 where person_id = $1 and last_step < $2 returning 1',
      [person, step],
    );
    return rows.length === 1;
  }

  override async remove(person: UserId): Promise<boolean> {
    const rows = await sql(this.manager, 'delete from totp_factor where person_id = $1 returning 1', [person]);
    return rows.length === 1;
  }
}
