import type { Provider } from '@nestjs/common';
import { ManageBackends } from '#libs/governance/app/manage-backends.js';
import { ManageSettings } from '#libs/governance/app/manage-settings.js';
import { ReadAudit } from '#libs/governance/app/read-audit.js';
import { RollUpUsage } from '#libs/governance/app/roll-up-usage.js';
import { UsageReports } from '#libs/governance/app/usage-reports.js';
import type { BackendDirectory } from '#libs/governance/ports/backend-directory.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import type { TenantId } from '#libs/kernel/ids.js';
import { RouterBackendDirectory } from '#libs/sources/router-backend-directory.js';
import type { Identity } from './compose-identity.js';
import type { Foundation } from './foundation.js';

/** Governance, ready to be served by AdminModule. */
export interface Governance {
  readonly providers: readonly Provider[];
  /** Handler of the job `usage.roll-up`. */
  readonly rollUpUsage: (tenant: TenantId) => Promise<void>;
}

/** What governance needs of the foundation. */
export type GovernanceFoundation = Pick<Foundation, 'sessions' | 'profiles' | 'clock' | 'ids'>;

/** The model servers as the router knows them; `tokens` are what the admin app calls it with. */
export function routerBackends(
  foundation: Pick<Foundation, 'addresses' | 'onClose'>,
  tokens: ServiceTokenIssuer,
): BackendDirectory {
  const directory = new RouterBackendDirectory(foundation.addresses.routerUrl, tokens);
  foundation.onClose(() => directory.close());
  return directory;
}

/** Builds governance from the foundation. */
export function composeGovernance(
  foundation: GovernanceFoundation,
  backends: BackendDirectory,
  { stepUp, expireSignIns: endSessions }: Pick<Identity, 'stepUp' | 'expireSignIns'>,
): Governance {
  const { sessions, profiles, clock, ids } = foundation;
  const parts = { sessions, profiles, clock, ids, stepUp, endSessions };
  const provided: [unknown, unknown][] = [
    [UsageReports, new UsageReports(parts)],
    [ReadAudit, new ReadAudit(parts)],
    [ManageSettings, new ManageSettings(parts)],
    [ManageBackends, new ManageBackends(parts, backends)],
  ];
  const rollUp = new RollUpUsage(parts);
  return {
    providers: provided.map(([provide, useValue]) => ({ provide, useValue }) as Provider),
    rollUpUsage: (tenant) => rollUp.run(tenant),
  };
}
