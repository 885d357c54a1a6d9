import type { EntityManager } from 'typeorm';
import type { LinkPurpose, OneTimeLink } from '#libs/identity/domain/one-time-link.js';
import { type Invitation, LinkStore } from '#libs/identity/ports/link-store.js';
import type { Page } from '#libs/identity/ports/people-store.js';
import { pageFrom, placeCursor, readPlace } from '../keyset.js';
import { linkFrom, type OneTimeLinkRecord, OneTimeLinkRow } from '../rows/one-time-link-row.js';
import { sql } from '../sql.js';

export class PostgresLinkStore extends LinkStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async add(link: OneTimeLink, tokenHash: Uint8Array): Promise<void> {
    await this.manager.getRepository(OneTimeLinkRow).insert({ ...link, tokenHash });
  }

  override inspect(tokenHash: Uint8Array, now: Date): Promise<OneTimeLink | null> {
    return this.one(
      `select * from one_time_link
       where token_hash = $1 and used_at is null and revoked_at is null and expires_at > $2`,
      [tokenHash, now],
    );
  }

  override consume(tokenHash: Uint8Array, purposes: readonly LinkPurpose[], now: Date): Promise<OneTimeLink | null> {
    return this.one(
      `update one_time_link set used_at = $2
       where token_hash = $1 and used_at is null and revoked_at is null and expires_at > $2 and purpose = any($3)
       returning *`,
      [tokenHash, now, purposes],
    );
  }

  override async invitations(page: { cursor: string | null; limit: number }): Promise<Page<Invitation>> {
    const after = readPlace(page.cursor);
    const rows = await sql<OneTimeLinkRecord & { readonly roleName: string | null }>(
      this.manager,
      `select l.*, r.name as role_name from one_time_link l left join custom_role r on l.role = 'role:' || r.id
       where l.purpose = 'invite' and ($1::timestamptz is null or (l.created_at, l.id) < ($1, $2::uuid))
       order by l.created_at desc, l.id desc limit $3`,
      [after?.at ?? null, after?.id ?? null, page.limit + 1],
    );
    const found = rows.map((row) => ({ ...linkFrom(row), roleName: row.roleName }));
    return pageFrom(found, page.limit, ({ createdAt, id }) => placeCursor(createdAt, id));
  }

  override revokeInvitation(id: string, now: Date): Promise<OneTimeLink | null> {
    return this.one(
      `update one_time_link set revoked_at = $2
       where id = $1 and purpose = 'invite' and used_at is null and revoked_at is null and expires_at > $2
       returning *`,
      [id, now],
    );
  }

  override async revokeFor(purpose: LinkPurpose, email: string, now: Date): Promise<void> {
    await sql(
      this.manager,
      `update one_time_link set revoked_at = $3
       where purpose = $1 and email = $2 and used_at is null and revoked_at is null and expires_at > $3`,
      [purpose, email, now],
    );
  }

  override async revokeOf(personId: string, now: Date): Promise<void> {
    await sql(
      this.manager,
      'update one_time_link set revoked_at = $2 where person_id = $1 and used_at is null and revoked_at is null',
      [personId, now],
    );
  }

  override async expire(before: Date): Promise<void> {
    await sql(this.manager, `delete from one_time_link where expires_at < $1 and purpose <> 'invite'`, [before]);
  }

  private async one(text: string, values: Parameters<typeof sql>[2]): Promise<OneTimeLink | null> {
    const [row] = await sql<OneTimeLinkRecord>(this.manager, text, values);
    return row === undefined ? null : linkFrom(row);
  }
}
