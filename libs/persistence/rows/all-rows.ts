import type { EntitySchema } from 'typeorm';
import { SettingRow } from './setting-row.js';

/** Every row TypeORM knows. */
export const rows: readonly EntitySchema[] = [SettingRow];
