import type { Clock } from '#libs/kernel/clock.js';
import type { StepUp } from '#libs/identity/ports/step-up.js';
import type { Ids, TenantId } from '#libs/kernel/ids.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { GovernanceStores } from '../ports/governance-stores.js';

/** What every use case of governance starts from. */
export interface GovernanceParts {
  readonly sessions: TenantSessions<GovernanceStores>;
  readonly profiles: TenantProfiles;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly stepUp: StepUp;
  /** Ends the sessions of the tenant that are past their limits, which may be other ones now. */
  readonly endSessions: (tenant: TenantId) => Promise<void>;
}
