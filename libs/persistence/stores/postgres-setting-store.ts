import type { EntityManager } from 'typeorm';
import { SettingStore } from '#libs/tenancy/ports/setting-store.js';
import { SettingRow } from '../rows/setting-row.js';

export class PostgresSettingStore extends SettingStore {
  constructor(private readonly manager: EntityManager) {
    super();
  }

  override async all(): Promise<ReadonlyMap<string, unknown>> {
    const rows = await this.manager.getRepository(SettingRow).find();
    return new Map(rows.map((row) => [row.key, row.value]));
  }

  override async set(key: string, value: unknown, changedBy: string): Promise<void> {
    if (value === null) {
      await this.manager.getRepository(SettingRow).delete({ key });
      return;
    }
    await this.manager.query(
      `insert into setting (key, value, changed_by) values ($1, $2, $3)
       on conflict (key) do update set value = excluded.value, changed_by = excluded.changed_by, changed_at = now()`,
      [key, JSON.stringify(value), changedBy],
    );
  }
}
