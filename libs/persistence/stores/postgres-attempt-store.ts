import type { EntityManager } from 'typeorm';
import { AttemptStore } from '#libs/identity/ports/attempt-store.js';
import { sql } from '../sql.js';

export class PostgresAttemptStore extends AttemptStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(key: string, windowStart: Date): Promise<number> {
    const [row] = await sql<{ failures: number }>(
      this.manager,
      `insert into sign_in_attempt (key, window_start, failures) values ($1, $2, 1)
       on conflict (key, window_start) do update set failures = sign_in_attempt.failures + 1
       returning failures`,
      [key, windowStart],
    );
    return row?.failures ?? 1;
  }

  override async giveBack(key: string, windowStart: Date): Promise<void> {
    await sql(
      this.manager,
      'update sign_in_attempt set failures = greatest(failures - 1, 0) where key = $1 and window_start = $2',
      [key, windowStart],
    );
  }

  override async clear(key: string): Promise<void> {
    await sql(this.manager, 'delete from sign_in_attempt where key = $1', [key]);
  }

  override async expire(before: Date): Promise<void> {
    await sql(this.manager, 'delete from sign_in_attempt where window_start < $1', [before]);
  }
}
