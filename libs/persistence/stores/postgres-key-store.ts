import type { EntityManager } from 'typeorm';
import type { ApiKey } from '#libs/identity/domain/api-key.js';
import type { Ability } from '#libs/identity/domain/rights.js';
import type { PersonState } from '#libs/identity/domain/person.js';
import { KeyStore, type KeyWithSecret } from '#libs/identity/ports/key-store.js';
import type { Page } from '#libs/identity/ports/people-store.js';
import type { UserId } from '#libs/kernel/ids.js';
import { type FactColumns, visibleTo } from '../ability-sql.js';
import { pageFrom, placeCursor, readPlace } from '../keyset.js';
import { type ApiKeyRecord, ApiKeyRow, keyFrom } from '../rows/api-key-row.js';
import { sql } from '../sql.js';

const columns: FactColumns = { personId: 'person_id::text' };

export class PostgresKeyStore extends KeyStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(key: ApiKey, secretHash: Uint8Array): Promise<void> {
    const { limits, ...plain } = key;
    await this.manager.getRepository(ApiKeyRow).insert({
      ...plain,
      rpm: limits?.rpm ?? null,
      tpm: limits?.tpm ?? null,
      concurrent: limits?.concurrent ?? null,
      scopes: [...key.scopes],
      secretHash,
    });
  }

  override async find(id: string): Promise<KeyWithSecret | null> {
    const [row] = await sql<ApiKeyRecord & { personState: PersonState | null }>(
      this.manager,
      `select k.*, p.state as person_state from api_key k left join person p on p.id = k.person_id where k.id = $1`,
      [id],
    );
    return row === undefined ? null : { key: keyFrom(row), secretHash: row.secretHash, personState: row.personState };
  }

  override async lock(id: string): Promise<ApiKey | null> {
    const [row] = await sql<ApiKeyRecord>(this.manager, 'select * from api_key where id = $1 for update', [id]);
    return row === undefined ? null : keyFrom(row);
  }

  override async save({ id, name, limits, expiresAt }: ApiKey): Promise<void> {
    await sql(
      this.manager,
      'update api_key set name = $2, rpm = $3, tpm = $4, concurrent = $5, expires_at = $6 where id = $1',
      [id, name, limits?.rpm ?? null, limits?.tpm ?? null, limits?.concurrent ?? null, expiresAt],
    );
  }

  override async page(page: { cursor: string | null; limit: number }, ability: Ability): Promise<Page<ApiKey>> {
    const after = readPlace(page.cursor);
    const visible = visibleTo(ability, { action: 'read', subject: 'key', columns }, 3);
    const rows = await sql<ApiKeyRecord>(
      this.manager,
      `select * from api_key
       where ($1::timestamptz is null or (created_at, id) < ($1, $2::text)) and ${visible.text}
       order by created_at desc, id desc limit $3`,
      [after?.at ?? null, after?.id ?? null, page.limit + 1, ...visible.values],
    );
    return pageFrom(rows.map(keyFrom), page.limit, ({ createdAt, id }) => placeCursor(createdAt, id));
  }

  override async revoke(id: string, at: Date): Promise<ApiKey | null> {
    const [row] = await sql<ApiKeyRecord>(
      this.manager,
      'update api_key set revoked_at = $2 where id = $1 and revoked_at is null returning *',
      [id, at],
    );
    return row === undefined ? null : keyFrom(row);
  }

  override async revokeOf(person: UserId, at: Date): Promise<readonly string[]> {
    const rows = await sql<{ id: string }>(
      this.manager,
      'update api_key set revoked_at = $2 where person_id = $1 and revoked_at is null returning id',
      [person, at],
    );
    return rows.map(({ id }) => id);
  }

  override async used(id: string, at: Date): Promise<void> {
    await sql(this.manager, 'update api_key set last_used_at = $2 where id = $1', [id, at]);
  }
}
