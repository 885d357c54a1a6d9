import type { EntityManager } from 'typeorm';
import type { Passkey } from '#libs/identity/domain/passkey.js';
import { PasskeyStore } from '#libs/identity/ports/passkey-store.js';
import { type UserId, userId } from '#libs/kernel/ids.js';
import { sql } from '../sql.js';

interface PasskeyRecord extends Omit<Passkey, 'personId' | 'counter'> {
  readonly personId: string;
  /** A bigint comes as a text. */
  readonly counter: string;
}

function passkeyFrom(row: PasskeyRecord): Passkey {
  return { ...row, personId: userId(row.personId), counter: Number(row.counter) };
}

export class PostgresPasskeyStore extends PasskeyStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(passkey: Passkey): Promise<boolean> {
    const rows = await sql(
      this.manager,
      `insert into passkey (id, person_id, host, name, public_key, counter, transports, is_synced, created_at)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing returning 1`,
      [
        passkey.id,
        passkey.personId,
        passkey.host,
        passkey.name,
        passkey.publicKey,
        passkey.counter,
        passkey.transports,
        passkey.isSynced,
        passkey.createdAt,
      ],
    );
    return rows.length === 1;
  }

  override async ofPerson(person: UserId): Promise<readonly Passkey[]> {
    const rows = await sql<PasskeyRecord>(
      this.manager,
      'select * from passkey where person_id = $1 order by created_at, id',
      [person],
    );
    return rows.map(passkeyFrom);
  }

  override async lock(id: string): Promise<Passkey | null> {
    const [row] = await sql<PasskeyRecord>(this.manager, 'select * from passkey where id = $1 for update', [id]);
    return row === undefined ? null : passkeyFrom(row);
  }

  override async used(id: string, counter: number, at: Date): Promise<void> {
    await sql(this.manager, 'update passkey set counter = $2, last_used_at = $3 where id = $1', [id, counter, at]);
  }

  override async rename(person: UserId, id: string, name: string): Promise<boolean> {
    const rows = await sql(this.manager, 'update passkey set name = $3 where id = $2 and person_id = $1 returning 1', [
      person,
      id,
      name,
    ]);
    return rows.length === 1;
  }

  override async remove(person: UserId, id: string): Promise<boolean> {
    const rows = await sql(this.manager, 'delete from passkey where id = $2 and person_id = $1 returning 1', [
      person,
      id,
    ]);
    return rows.length === 1;
  }

  override async removeAll(person: UserId): Promise<number> {
    return (await sql(this.manager, 'delete from passkey where person_id = $1 returning 1', [person])).length;
  }
}
