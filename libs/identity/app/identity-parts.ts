import type { Clock } from '#libs/kernel/clock.js';
import type { Ids } from '#libs/kernel/ids.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { IdentityStores } from '../ports/identity-stores.js';
import type { SignInTelemetry } from '../ports/sign-in-telemetry.js';
import type { StepUp } from '../ports/step-up.js';
import type { AuditLog } from './audit-log.js';
import type { RevocationNotices } from './revocation-notices.js';

/** What every use case of identity starts from. */
export interface IdentityParts {
  readonly sessions: TenantSessions<IdentityStores>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly audit: AuditLog;
  readonly notices: RevocationNotices;
  readonly telemetry: SignInTelemetry;
  readonly stepUp: StepUp;
}
