import type { TenantId } from '#libs/kernel/ids.js';
import { hourOf } from '../domain/usage-period.js';
import type { GovernanceParts } from './governance-parts.js';

/** Hours recomputed in one transaction: writers of usage wait for it, about 4 ms an hour. */
const hoursAtOnce = 24;

/** The job `usage.roll-up`. */
export class RollUpUsage {
  constructor(private readonly parts: Pick<GovernanceParts, 'sessions' | 'clock'>) {}

  /** Brings the rollups of all closed hours up to date. */
  async run(tenant: TenantId): Promise<void> {
    const before = hourOf(this.parts.clock.now());
    for (let done = hoursAtOnce; done === hoursAtOnce;)
      done = await this.parts.sessions.run(tenant, ({ usageReports }) => usageReports.rollUp(before, hoursAtOnce));
  }
}
