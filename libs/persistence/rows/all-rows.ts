import type { EntitySchema } from 'typeorm';
import { ApiKeyRow } from './api-key-row.js';
import { AuditEventRow } from './audit-event-row.js';
import { OneTimeLinkRow } from './one-time-link-row.js';
import { PersonRow } from './person-row.js';
import { SessionRow } from './session-row.js';
import { SettingRow } from './setting-row.js';
import { SsoRequestRow } from './sso-request-row.js';

/** Every row TypeORM knows. */
export const rows: readonly EntitySchema[] = [
  ApiKeyRow,
  AuditEventRow,
  OneTimeLinkRow,
  PersonRow,
  SessionRow,
  SettingRow,
  SsoRequestRow,
];
