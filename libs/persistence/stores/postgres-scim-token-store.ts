import type { EntityManager } from 'typeorm';
import type { ScimToken } from '#libs/identity/domain/scim/scim-token.js';
import { ScimTokenStore } from '#libs/identity/ports/scim-token-store.js';
import { sql } from '../sql.js';

type TokenRecord = ScimToken & { readonly secretHash: Uint8Array };

function tokenFrom({ secretHash: _hash, ...token }: TokenRecord): ScimToken {
  return token;
}

export class PostgresScimTokenStore extends ScimTokenStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(token: ScimToken, secretHash: Uint8Array): Promise<void> {
    await sql(
      this.manager,
      `insert into scim_token (id, name, secret_hash, created_by, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)`,
      [token.id, token.name, secretHash, token.createdBy, token.createdAt, token.expiresAt],
    );
  }

  override async find(id: string): Promise<{ token: ScimToken; secretHash: Uint8Array } | null> {
    const [row] = await sql<TokenRecord>(this.manager, 'select * from scim_token where id = $1', [id]);
    return row === undefined ? null : { token: tokenFrom(row), secretHash: row.secretHash };
  }

  override async all(): Promise<readonly ScimToken[]> {
    const rows = await sql<TokenRecord>(
      this.manager,
      'select * from scim_token order by created_at desc, id desc limit 100',
    );
    return rows.map(tokenFrom);
  }

  override async used(id: string, at: Date): Promise<void> {
    await sql(this.manager, 'update scim_token set last_used_at = $2 where id = $1', [id, at]);
  }

  override async revoke(id: string, at: Date): Promise<ScimToken | null> {
    const [row] = await sql<TokenRecord>(
      this.manager,
      'update scim_token set revoked_at = $2 where id = $1 and revoked_at is null returning *',
      [id, at],
    );
    return row === undefined ? null : tokenFrom(row);
  }
}
