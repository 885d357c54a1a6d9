import { EntitySchema } from 'typeorm';

export interface SettingRecord {
  readonly key: string;
  readonly value: unknown;
  readonly changedBy: string;
  readonly changedAt: Date;
}

export const SettingRow = new EntitySchema<SettingRecord>({
  name: 'setting',
  columns: {
    key: { type: 'text', primary: true },
    value: { type: 'jsonb' },
    changedBy: { type: 'text', name: 'changed_by' },
    changedAt: { type: 'timestamptz', name: 'changed_at' },
  },
});
