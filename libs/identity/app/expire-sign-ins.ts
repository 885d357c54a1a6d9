import type { TenantId } from '#libs/kernel/ids.js';
import { attemptWindowMs } from '../domain/sign-in-limits.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import type { IdentityParts } from './identity-parts.js';
import { sessionLimitsNow } from './session-limits.js';

/** How long used and expired links are kept, in ms: long enough to see in the table what became of one. */
const linkKeepMs = 24 * 60 * 60_000;

/** The job `sign-in.expire`: ends sessions past their limits, so that their sockets close, and clears what is over. */
export class ExpireSignIns {
  constructor(
    private readonly parts: Pick<IdentityParts, 'sessions' | 'clock' | 'notices'>,
    private readonly directory: TenantDirectory,
  ) {}

  async run(id: TenantId): Promise<void> {
    const tenant = await this.directory.byId(id);
    if (tenant === null) return;
    const now = this.parts.clock.now();
    const ended = await this.parts.sessions.run(id, async (stores) => {
      await stores.ssoRequests.expire(now);
      await stores.ssoTests.expire(now);
      await stores.replays.expire(now);
      await stores.signInTickets.expire(now);
      await stores.attempts.expire(new Date(now.getTime() - 2 * attemptWindowMs));
      await stores.links.expire(new Date(now.getTime() - linkKeepMs));
      return stores.signInSessions.expire(await sessionLimitsNow(stores, tenant), now);
    });
    this.parts.notices.sessions(id, { ended: [...ended] });
  }
}
