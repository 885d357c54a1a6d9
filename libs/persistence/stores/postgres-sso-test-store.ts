import type { EntityManager } from 'typeorm';
import type { SsoTest, SsoTestOutcome } from '#libs/identity/domain/sso-test.js';
import { SsoTestStore } from '#libs/identity/ports/sso-test-store.js';
import { sql } from '../sql.js';

function testFrom({ id, profile, createdBy, createdAt, beginsBefore, expiresAt, outcome }: SsoTest): SsoTest {
  return { id, profile, createdBy, createdAt, beginsBefore, expiresAt, outcome };
}

export class PostgresSsoTestStore extends SsoTestStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(test: SsoTest, ticketHash: Uint8Array): Promise<void> {
    await sql(
      this.manager,
      `insert into sso_test (id, ticket_hash, profile, created_by, created_at, begins_before, expires_at)
       values ($1, $2, $3, $4, $5, $6, $7)`,
      [
        test.id,
        ticketHash,
        JSON.stringify(test.profile),
        test.createdBy,
        test.createdAt,
        test.beginsBefore,
        test.expiresAt,
      ],
    );
  }

  override async byId(id: string): Promise<SsoTest | null> {
    const [row] = await sql<SsoTest>(this.manager, 'select * from sso_test where id = $1', [id]);
    return row === undefined ? null : testFrom(row);
  }

  override async begin(ticketHash: Uint8Array, now: Date): Promise<SsoTest | null> {
    const [row] = await sql<SsoTest>(
      this.manager,
      'update sso_test set ticket_hash = null where ticket_hash = $1 and begins_before > $2 returning *',
      [ticketHash, now],
    );
    return row === undefined ? null : testFrom(row);
  }

  override async finish(id: string, outcome: SsoTestOutcome): Promise<void> {
    await sql(this.manager, 'update sso_test set outcome = $2 where id = $1', [id, JSON.stringify(outcome)]);
  }

  override async expire(now: Date): Promise<void> {
    await sql(this.manager, 'delete from sso_test where expires_at <= $1', [now]);
  }
}
