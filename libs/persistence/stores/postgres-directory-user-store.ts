import type { EntityManager } from 'typeorm';
import type { DirectoryUser } from '#libs/identity/domain/scim/directory.js';
import {
  DirectoryUserStore,
  type ScimFound,
  type ScimSlice,
  type UserLookUp,
} from '#libs/identity/ports/directory-store.js';
import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import { isDuplicate } from '../database-errors.js';
import { personFrom, type PersonRecord } from '../rows/person-row.js';
import { sql } from '../sql.js';

interface UserRecord extends PersonRecord {
  readonly userName: string;
  readonly externalId: string | null;
  readonly attributes: Record<string, unknown>;
  readonly isActive: boolean;
  readonly roleByGroup: boolean;
  readonly toldAt: Date;
  readonly changedAt: Date;
  readonly groups: { readonly id: string; readonly name: string }[] | null;
}

/** People whom the directory has not told of yet are there for it, too: so it finds them before it makes them anew. */
const users = `select p.*, coalesce(d.user_name, p.email) as user_name, d.external_id,
    coalesce(d.attributes, '{}') as attributes, coalesce(d.is_active, true) as is_active,
    coalesce(d.role_by_group, false) as role_by_group,
    coalesce(d.created_at, p.created_at) as told_at, coalesce(d.changed_at, p.created_at) as changed_at,
    (select json_agg(json_build_object('id', g.id, 'name', g.display_name) order by lower(g.display_name))
       from directory_member m join directory_group g on g.id = m.group_id where m.person_id = p.id) as groups
  from person p left join directory_user d on d.person_id = p.id`;

const lookUps: Readonly<Record<UserLookUp['by'], string>> = {
  id: 'p.id::text = $1',
  userName: 'lower(coalesce(d.user_name, p.email)) = lower($1)',
  externalId: 'd.external_id = $1',
  email: 'p.email = lower($1)',
};

function userFrom(row: UserRecord): DirectoryUser {
  return {
    person: personFrom(row),
    userName: row.userName,
    externalId: row.externalId,
    attributes: row.attributes,
    isActive: row.isActive,
    roleByGroup: row.roleByGroup,
    createdAt: row.toldAt,
    changedAt: row.changedAt,
    groups: row.groups ?? [],
  };
}

export class PostgresDirectoryUserStore extends DirectoryUserStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async lock(id: UserId): Promise<DirectoryUser | null> {
    const [row] = await sql<UserRecord>(
      this.manager,
      `${users} where p.id = $1 and d.removed_at is null for update of p`,
      [id],
    );
    return row === undefined ? null : userFrom(row);
  }

  override async removed(userName: string, email: string): Promise<DirectoryUser | null> {
    const [row] = await sql<UserRecord>(
      this.manager,
      `${users} where d.removed_at is not null and (lower(d.user_name) = lower($1) or p.email = lower($2))
       order by d.removed_at desc limit 1 for update of p`,
      [userName, email],
    );
    return row === undefined ? null : userFrom(row);
  }

  override async find(lookUp: UserLookUp | null, slice: ScimSlice): Promise<ScimFound<DirectoryUser>> {
    const where = `d.removed_at is null and ${lookUp === null ? '$1::text is null' : lookUps[lookUp.by]}`;
    const value = lookUp?.value ?? null;
    const [counted] = await sql<{ n: number }>(
      this.manager,
      `select count(*)::int as n from person p left join directory_user d on d.person_id = p.id where ${where}`,
      [value],
    );
    const rows = await sql<UserRecord>(
      this.manager,
      `${users} where ${where} order by p.created_at, p.id offset $2 limit $3`,
      [value, slice.startIndex - 1, slice.count],
    );
    return { total: counted?.n ?? 0, items: rows.map(userFrom) };
  }

  override async isEnded(id: UserId): Promise<boolean> {
    const rows = await sql(
      this.manager,
      'select 1 from directory_user where person_id = $1 and (removed_at is not null or not is_active)',
      [id],
    );
    return rows.length > 0;
  }

  override async isAwaited(id: UserId): Promise<boolean> {
    const rows = await sql(
      this.manager,
      `select 1 from person p join directory_user d on d.person_id = p.id
       where p.id = $1 and d.removed_at is null and d.is_active
         and p.password_hash is null and p.last_seen_at is null
         and not exists (select 1 from identity_link l where l.person_id = p.id)`,
      [id],
    );
    return rows.length > 0;
  }

  override async save(user: DirectoryUser): Promise<void> {
    const { person } = user;
    try {
      await sql(this.manager, 'update person set email = $2 where id = $1 and email <> $2', [person.id, person.email]);
      await sql(
        this.manager,
        `insert into directory_user (person_id, user_name, external_id, attributes, is_active, role_by_group, created_at,
           changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (person_id) do update set user_name = excluded.user_name, external_id = excluded.external_id,
           attributes = excluded.attributes, is_active = excluded.is_active, role_by_group = excluded.role_by_group,
           changed_at = excluded.changed_at, removed_at = null`,
        [
          person.id,
          user.userName,
          user.externalId,
          JSON.stringify(user.attributes),
          user.isActive,
          user.roleByGroup,
          user.createdAt,
          user.changedAt,
        ],
      );
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('conflict', 'Somebody has this user name or e-mail already.', { cause: error });
    }
  }

  override async remove(id: UserId, at: Date): Promise<void> {
    await sql(this.manager, 'update directory_user set removed_at = $2, is_active = false where person_id = $1', [
      id,
      at,
    ]);
    await sql(this.manager, 'delete from directory_member where person_id = $1', [id]);
  }

  override async count(): Promise<number> {
    const [row] = await sql<{ n: number }>(
      this.manager,
      'select count(*)::int as n from directory_user where removed_at is null',
    );
    return row?.n ?? 0;
  }
}
