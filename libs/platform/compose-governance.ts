import type { Provider } from '@nestjs/common';
import { ManageBackends } from '#libs/governance/app/manage-backends.js';
import { ManageSettings } from '#libs/governance/app/manage-settings.js';
import { ReadAudit } from '#libs/governance/app/read-audit.js';
import { RollUpUsage } from '#libs/governance/app/roll-up-usage.js';
import { UsageReports } from '#libs/governance/app/usage-reports.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { RouterBackendDirectory } from '#libs/sources/router-backend-directory.js';
import type { Foundation } from './foundation.js';

/** Governance, ready to be served by AdminModule. */
export interface Governance {
  readonly providers: readonly Provider[];
  /** Handler of the job `usage.roll-up`. */
  readonly rollUp: (tenant: TenantId) => Promise<void>;
}

/** What governance needs of the foundation. */
export type GovernanceFoundation = Pick<
  Foundation,
  'sessions' | 'profiles' | 'clock' | 'ids' | 'addresses' | 'onClose'
>;

/**
 * Builds governance from the foundation.
 * @param tokens with which the admin app calls the router
 */
export function composeGovernance(foundation: GovernanceFoundation, tokens: ServiceTokenIssuer): Governance {
  const { sessions, profiles, clock, ids } = foundation;
  const parts = { sessions, profiles, clock, ids };
  const backends = new RouterBackendDirectory(foundation.addresses.internalUrl, tokens);
  foundation.onClose(() => backends.close());
  const provided: [unknown, unknown][] = [
    [UsageReports, new UsageReports(parts)],
    [ReadAudit, new ReadAudit(parts)],
    [ManageSettings, new ManageSettings(parts)],
    [ManageBackends, new ManageBackends(parts, backends)],
  ];
  const rollUp = new RollUpUsage(parts);
  return {
    providers: provided.map(([provide, useValue]) => ({ provide, useValue }) as Provider),
    rollUp: (tenant) => rollUp.run(tenant),
  };
}
