import type { EntityManager } from 'typeorm';
import type { CustomRole } from '#libs/identity/domain/custom-role.js';
import { RoleStore, type RoleUses } from '#libs/identity/ports/role-store.js';
import { AppError } from '#libs/kernel/errors.js';
import { customRoleRef } from '#libs/tenancy/domain/role.js';
import { isDuplicate } from '../database-errors.js';
import { customRoleFrom, type CustomRoleRecord, packedRules } from '../rows/custom-role-row.js';
import { sql } from '../sql.js';

export class PostgresRoleStore extends RoleStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async all(): Promise<readonly CustomRole[]> {
    const rows = await sql<CustomRoleRecord>(this.manager, 'select * from custom_role order by lower(name)');
    return rows.map(customRoleFrom);
  }

  override byId(id: string): Promise<CustomRole | null> {
    return this.one('select * from custom_role where id = $1', id);
  }

  override lock(id: string): Promise<CustomRole | null> {
    return this.one('select * from custom_role where id = $1 for update', id);
  }

  override async add(role: CustomRole): Promise<void> {
    await this.unique(
      `insert into custom_role (id, name, description, rules, version, created_at, changed_at, changed_by)
       values ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [...this.valuesOf(role).slice(0, 5), role.createdAt, role.changedAt, role.changedBy],
    );
  }

  override async save(role: CustomRole): Promise<void> {
    await this.unique(
      `update custom_role set name = $2, description = $3, rules = $4, version = $5, changed_at = $6, changed_by = $7
       where id = $1`,
      this.valuesOf(role),
    );
  }

  override async uses(id: string, now: Date): Promise<RoleUses> {
    const [row] = await sql<RoleUses>(
      this.manager,
      `select (select count(*)::int from person where role_id = $1) as people,
              (select count(*)::int from one_time_link where purpose = 'invite' and role = $2
                 and used_at is null and revoked_at is null and expires_at > $3) as invitations,
              (select count(*)::int from directory_group where role_id = $1) as groups`,
      [id, customRoleRef(id), now],
    );
    return row ?? { people: 0, invitations: 0, groups: 0 };
  }

  override async remove(id: string): Promise<void> {
    await sql(this.manager, 'delete from custom_role where id = $1', [id]);
  }

  private valuesOf({ id, name, description, rules, version, changedAt, changedBy }: CustomRole) {
    return [id, name, description, packedRules(rules), version, changedAt, changedBy];
  }

  private async unique(text: string, values: readonly (string | number | Date)[]): Promise<void> {
    try {
      await sql(this.manager, text, values);
    } catch (error) {
      if (!isDuplicate(error)) throw error;
      throw new AppError('conflict', 'Another role has this name.', { field: 'name', cause: error });
    }
  }

  private async one(text: string, id: string): Promise<CustomRole | null> {
    const [row] = await sql<CustomRoleRecord>(this.manager, text, [id]);
    return row === undefined ? null : customRoleFrom(row);
  }
}
