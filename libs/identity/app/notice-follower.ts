import type { TenantId } from '#libs/kernel/ids.js';

/**
 * Follows a tenant's notices from its first request on. `count` rises with every notice, so that an answer that
 * was read while one arrived is not kept.
 */
export class NoticeFollower {
  private readonly followed = new Map<TenantId, { count: number; ready: Promise<() => void> }>();

  constructor(private readonly follow: (tenant: TenantId, noticed: () => void) => Promise<() => void>) {}

  /** How many notices have arrived, or null while they cannot be heard: then nothing may be kept. */
  async count(tenant: TenantId): Promise<number | null> {
    const entry = this.followed.get(tenant) ?? this.begin(tenant);
    try {
      await entry.ready;
      return entry.count;
    } catch {
      this.followed.delete(tenant);
      return null;
    }
  }

  async close(): Promise<void> {
    const all = [...this.followed.values()];
    this.followed.clear();
    for (const { ready } of all) await ready.then((stop) => stop()).catch(() => undefined);
  }

  private begin(tenant: TenantId) {
    const entry: { count: number; ready: Promise<() => void> } = { count: 0, ready: Promise.resolve(() => undefined) };
    entry.ready = this.follow(tenant, () => {
      entry.count += 1;
    });
    this.followed.set(tenant, entry);
    return entry;
  }
}
