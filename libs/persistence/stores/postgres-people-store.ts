import type { EntityManager } from 'typeorm';
import type { Person } from '#libs/identity/domain/person.js';
import {
  type ListedPerson,
  type Page,
  type PeopleFilter,
  PeopleStore,
  type SignInWay,
} from '#libs/identity/ports/people-store.js';
import type { Ability } from '#libs/identity/domain/rights.js';
import { AppError } from '#libs/kernel/errors.js';
import type { UserId } from '#libs/kernel/ids.js';
import { isDuplicate } from '../database-errors.js';
import { type FactColumns, visibleTo } from '../ability-sql.js';
import { pageFrom, readTextCursor, textCursor } from '../keyset.js';
import { personFrom, type PersonRecord, PersonRow } from '../rows/person-row.js';
import { sql } from '../sql.js';

type ListedRecord = PersonRecord & {
  readonly hasSubject: boolean;
  readonly hasSecondFactor: boolean;
  readonly roleName: string | null;
  readonly groups: ListedPerson['groups'] | null;
};

const listed = `select p.*, r.name as role_name,
    exists (select 1 from identity_link l where l.person_id = p.id) as has_subject,
    exists (select 1 from totp_factor t where t.person_id = p.id)
      or exists (select 1 from passkey k where k.person_id = p.id) as has_second_factor,
    (select json_agg(json_build_object('id', g.id, 'name', g.display_name) order by lower(g.display_name))
       from directory_member m join directory_group g on g.id = m.group_id where m.person_id = p.id) as groups
  from person p left join custom_role r on r.id = p.role_id`;

const columns: FactColumns = { id: 'p.id::text', role: 'p.role', state: 'p.state' };

function listedFrom(row: ListedRecord): ListedPerson {
  const ways: SignInWay[] = row.passwordHash === null ? [] : ['password'];
  return {
    ...personFrom(row),
    roleName: row.roleName,
    groups: row.groups ?? [],
    signIn: row.hasSubject ? [...ways, 'oidc'] : ways,
    hasSecondFactor: row.hasSecondFactor,
  };
}

export class PostgresPeopleStore extends PeopleStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override byId(id: UserId): Promise<Person | null> {
    return this.one('select * from person where id = $1', [id]);
  }

  override lock(id: UserId): Promise<Person | null> {
    return this.one('select * from person where id = $1 for update', [id]);
  }

  override byEmail(email: string): Promise<Person | null> {
    return this.one('select * from person where email = $1', [email.toLowerCase()]);
  }

  override bySubject(connection: string, subject: string): Promise<Person | null> {
    return this.one(
      `select p.* from person p join identity_link l on l.person_id = p.id
       where l.connection = $1 and l.subject = $2 for update of p`,
      [connection, subject],
    );
  }

  override async listed(id: UserId): Promise<ListedPerson | null> {
    const [row] = await sql<ListedRecord>(this.manager, `${listed} where p.id = $1`, [id]);
    return row === undefined ? null : listedFrom(row);
  }

  override async page(filter: PeopleFilter, ability: Ability): Promise<Page<ListedPerson>> {
    const search = filter.search === null ? null : `%${filter.search.replace(/[\\%_]/g, '\\$&')}%`;
    const visible = visibleTo(ability, { action: 'read', subject: 'person', columns }, 5);
    // The cursor is an id, since an e-mail may be what is held back.
    const rows = await sql<ListedRecord>(
      this.manager,
      `${listed} where ($1 = '' or p.email > (select email from person where id::text = $1))
         and ($2::text is null or ($3 and p.email ilike $2) or p.name ilike $2)
         and ($5::text is null or exists
           (select 1 from directory_member m where m.person_id = p.id and m.group_id::text = $5))
         and ${visible.text}
       order by p.email limit $4`,
      [readTextCursor(filter.cursor), search, filter.searchesEmail, filter.limit + 1, filter.group, ...visible.values],
    );
    return pageFrom(rows.map(listedFrom), filter.limit, ({ id }) => textCursor(id));
  }

  override async add(person: Person): Promise<void> {
    try {
      await this.manager.getRepository(PersonRow).insert({ ...person });
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('conflict', 'Somebody has this e-mail already.', { field: 'email', cause: error });
    }
  }

  override async save(person: Person): Promise<void> {
    const { name, role, state, passwordHash } = person;
    await this.manager.getRepository(PersonRow).update({ id: person.id }, { name, role, state, passwordHash });
  }

  override async addSubject(connection: string, subject: string, person: UserId, at: Date): Promise<void> {
    await sql(
      this.manager,
      'insert into identity_link (connection, subject, person_id, created_at) values ($1, $2, $3, $4)',
      [connection, subject, person, at],
    );
  }

  override async connections(person: UserId): Promise<readonly string[]> {
    const rows = await sql<{ connection: string }>(
      this.manager,
      'select distinct connection from identity_link where person_id = $1',
      [person],
    );
    return rows.map(({ connection }) => connection);
  }

  override async otherOwners(person: UserId | null): Promise<number> {
    // Two owners who take each other's role at the same time would both count the other one.
    await sql(this.manager, `select pg_advisory_xact_lock(hashtextextended(current_schema() || ':owners', 0))`);
    const [row] = await sql<{ n: number }>(
      this.manager,
      `select count(*)::int as n from person
       where role = 'owner' and state = 'active' and ($1::uuid is null or id <> $1)`,
      [person],
    );
    return row?.n ?? 0;
  }

  override async seen(person: UserId, at: Date): Promise<void> {
    await sql(this.manager, 'update person set last_seen_at = $2 where id = $1', [person, at]);
  }

  private async one(text: string, values: readonly string[]): Promise<Person | null> {
    const [row] = await sql<PersonRecord>(this.manager, text, values);
    return row === undefined ? null : personFrom(row);
  }
}
