import type { TenantId } from '#libs/kernel/ids.js';
import { attemptWindowMs } from '../domain/sign-in-limits.js';
import type { IdentityParts } from './identity-parts.js';

/** How long used and expired links are kept, in ms: long enough to see in the table what became of one. */
const linkKeepMs = 24 * 60 * 60_000;

/** The job `sign-in.expire`: ends sessions past their limits, so that their sockets close, and clears what is over. */
export class ExpireSignIns {
  constructor(private readonly parts: Pick<IdentityParts, 'sessions' | 'clock' | 'notices'>) {}

  async run(tenant: TenantId): Promise<void> {
    const now = this.parts.clock.now();
    const ended = await this.parts.sessions.run(tenant, async (stores) => {
      await stores.ssoRequests.expire(now);
      await stores.ssoTests.expire(now);
      await stores.replays.expire(now);
      await stores.signInTickets.expire(now);
      await stores.attempts.expire(new Date(now.getTime() - 2 * attemptWindowMs));
      await stores.links.expire(new Date(now.getTime() - linkKeepMs));
      return stores.signInSessions.expire(now);
    });
    this.parts.notices.sessions(tenant, { ended: [...ended] });
  }
}
