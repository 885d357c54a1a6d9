import type { EntityManager } from 'typeorm';
import type { DirectoryGroup } from '#libs/identity/domain/scim/directory.js';
import {
  DirectoryGroupStore,
  type GroupLookUp,
  type ListedGroup,
  type ScimFound,
  type ScimSlice,
} from '#libs/identity/ports/directory-store.js';
import type { Page } from '#libs/identity/ports/people-store.js';
import { AppError } from '#libs/kernel/errors.js';
import { type UserId, userId } from '#libs/kernel/ids.js';
import type { Role } from '#libs/tenancy/domain/role.js';
import { isDuplicate } from '../database-errors.js';
import { pageFrom, readTextCursor, textCursor } from '../keyset.js';
import { sql } from '../sql.js';

type GroupRecord = Omit<ListedGroup, 'name'> & { readonly displayName: string };

const groups = `select g.id, g.display_name, g.external_id, g.role, g.created_at, g.changed_at, r.name as role_name,
    (select count(*)::int from directory_member m where m.group_id = g.id) as members
  from directory_group g left join custom_role r on r.id = g.role_id`;

const lookUps: Readonly<Record<GroupLookUp['by'], string>> = {
  id: 'g.id::text = $1',
  name: 'lower(g.display_name) = lower($1)',
  externalId: 'g.external_id = $1',
  member: 'exists (select 1 from directory_member m where m.group_id = g.id and m.person_id::text = $1)',
};

function listedFrom({ displayName, ...row }: GroupRecord): ListedGroup {
  return { ...row, name: displayName };
}

export class PostgresDirectoryGroupStore extends DirectoryGroupStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async lock(id: string): Promise<DirectoryGroup | null> {
    const [row] = await sql<GroupRecord>(this.manager, `${groups} where g.id = $1 for update of g`, [id]);
    return row === undefined ? null : listedFrom(row);
  }

  override async listed(id: string): Promise<ListedGroup | null> {
    const [row] = await sql<GroupRecord>(this.manager, `${groups} where g.id = $1`, [id]);
    return row === undefined ? null : listedFrom(row);
  }

  override async find(lookUp: GroupLookUp | null, slice: ScimSlice): Promise<ScimFound<DirectoryGroup>> {
    const where = lookUp === null ? '$1::text is null' : lookUps[lookUp.by];
    const value = lookUp?.value ?? null;
    const [counted] = await sql<{ n: number }>(
      this.manager,
      `select count(*)::int as n from directory_group g where ${where}`,
      [value],
    );
    const rows = await sql<GroupRecord>(
      this.manager,
      `${groups} where ${where} order by g.created_at, g.id offset $2 limit $3`,
      [value, slice.startIndex - 1, slice.count],
    );
    return { total: counted?.n ?? 0, items: rows.map(listedFrom) };
  }

  override async page(page: {
    search: string | null;
    cursor: string | null;
    limit: number;
  }): Promise<Page<ListedGroup>> {
    const search = page.search === null ? null : `%${page.search.replace(/[\\%_]/g, '\\$&')}%`;
    const rows = await sql<GroupRecord>(
      this.manager,
      `${groups} where lower(g.display_name) > $1 and ($2::text is null or g.display_name ilike $2)
       order by lower(g.display_name) limit $3`,
      [readTextCursor(page.cursor), search, page.limit + 1],
    );
    return pageFrom(rows.map(listedFrom), page.limit, ({ name }) => textCursor(name.toLowerCase()));
  }

  override async add(group: DirectoryGroup): Promise<void> {
    await this.unique(
      `insert into directory_group (id, display_name, external_id, role, changed_at, created_at)
       values ($1, $2, $3, $4, $5, $6)`,
      [group.id, group.name, group.externalId, group.role, group.changedAt, group.createdAt],
    );
  }

  override async save(group: DirectoryGroup): Promise<void> {
    await this.unique(
      'update directory_group set display_name = $2, external_id = $3, role = $4, changed_at = $5 where id = $1',
      [group.id, group.name, group.externalId, group.role, group.changedAt],
    );
  }

  override async remove(id: string): Promise<void> {
    await sql(this.manager, 'delete from directory_group where id = $1', [id]);
  }

  override async members(id: string): Promise<readonly { readonly id: UserId; readonly name: string }[]> {
    const rows = await sql<{ id: string; name: string }>(
      this.manager,
      `select p.id, p.name from directory_member m join person p on p.id = m.person_id
       where m.group_id = $1 order by p.created_at, p.id`,
      [id],
    );
    return rows.map((row) => ({ id: userId(row.id), name: row.name }));
  }

  override async addMembers(id: string, people: readonly UserId[]): Promise<void> {
    await sql(
      this.manager,
      `insert into directory_member (group_id, person_id)
       select $1, p.id from person p left join directory_user d on d.person_id = p.id
       where p.id = any($2::uuid[]) and d.removed_at is null on conflict do nothing`,
      [id, people],
    );
  }

  override async removeMembers(id: string, people: readonly UserId[]): Promise<void> {
    await sql(this.manager, 'delete from directory_member where group_id = $1 and person_id = any($2::uuid[])', [
      id,
      people,
    ]);
  }

  override async rolesOf(person: UserId): Promise<readonly Role[]> {
    const rows = await sql<{ role: Role }>(
      this.manager,
      `select g.role from directory_member m join directory_group g on g.id = m.group_id
       where m.person_id = $1 and g.role is not null order by g.created_at, g.id`,
      [person],
    );
    return rows.map(({ role }) => role);
  }

  override async roles(): Promise<readonly Role[]> {
    const rows = await sql<{ role: Role }>(
      this.manager,
      'select distinct role from directory_group where role is not null',
    );
    return rows.map(({ role }) => role);
  }

  override async count(): Promise<number> {
    const [row] = await sql<{ n: number }>(this.manager, 'select count(*)::int as n from directory_group');
    return row?.n ?? 0;
  }

  private async unique(text: string, values: readonly (string | Date | null)[]): Promise<void> {
    try {
      await sql(this.manager, text, values);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('conflict', 'Another group has this name.', { field: 'displayName', cause: error });
    }
  }
}
