import { z } from 'zod';
import type { TenantId } from '#libs/kernel/ids.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';

/**
 * Sessions that ended, people whose name, role or rights are other ones now, roles that allow other things now, and
 * sessions that have another token now.
 */
const SessionNotice = z.object({
  ended: z.array(z.string()),
  people: z.array(z.string()),
  roles: z.array(z.string()).default([]),
  renewed: z.array(z.string()).default([]),
});
export type SessionNotice = z.infer<typeof SessionNotice>;

const KeyNotice = z.object({ keys: z.array(z.string()) });
export type KeyNotice = z.infer<typeof KeyNotice>;

/**
 * Tells every replica at once that sessions or keys have ended, or are other ones now. A lost notice only means that a cached answer
 * lives on for its few seconds. Publish after the commit, never before it.
 */
export class RevocationNotices {
  constructor(private readonly bus: Bus) {}

  sessions(tenant: TenantId, notice: Partial<SessionNotice>): void {
    const { ended = [], people = [], roles = [], renewed = [] } = notice;
    if (ended.length + people.length + roles.length + renewed.length === 0) return;
    this.bus.publish(tenant, 'sessions', { ended, people, roles, renewed });
  }

  keys(tenant: TenantId, keys: readonly string[]): void {
    if (keys.length > 0) this.bus.publish(tenant, 'keys', { keys });
  }

  /** Resolves when notices published from now on will arrive. */
  onSessions(tenant: TenantId, handler: (notice: SessionNotice) => void): Promise<() => void> {
    return this.bus.subscribe(tenant, 'sessions', (message) => {
      const parsed = SessionNotice.safeParse(message);
      if (parsed.success) handler(parsed.data);
    });
  }

  onKeys(tenant: TenantId, handler: (notice: KeyNotice) => void): Promise<() => void> {
    return this.bus.subscribe(tenant, 'keys', (message) => {
      const parsed = KeyNotice.safeParse(message);
      if (parsed.success) handler(parsed.data);
    });
  }
}
