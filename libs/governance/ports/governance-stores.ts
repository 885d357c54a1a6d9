import type { TenancyStores } from '#libs/tenancy/ports/setting-store.js';
import type { AuditStores } from './audit-store.js';
import type { UsageReportStore } from './usage-report-store.js';

/** The stores governance works with. */
export interface GovernanceStores extends AuditStores, TenancyStores {
  readonly usageReports: UsageReportStore;
}
