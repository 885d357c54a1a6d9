import { mergeProfile } from '../domain/settings.js';
import type { EffectiveProfile, Tenant } from '../domain/tenant.js';
import type { Bus } from '../ports/bus.js';
import type { TenancyStores } from '../ports/setting-store.js';
import { TenantProfiles } from '../ports/tenant-profiles.js';
import type { TenantSessions } from '../ports/tenant-sessions.js';

/** How long a profile is believed without news, so that a lost message costs at most this long. */
const believedMs = 5_000;

interface Kept {
  readonly revision: string;
  readonly until: number;
  readonly profile: Promise<EffectiveProfile>;
}

/** Effective profiles from memory; the bus tells of changes made by other replicas. */
export class CachedTenantProfiles extends TenantProfiles {
  private readonly kept = new Map<string, Kept>();
  private readonly heard = new Set<string>();

  constructor(
    private readonly sessions: TenantSessions<TenancyStores>,
    private readonly bus: Bus,
    private readonly now: () => number,
  ) {
    super();
  }

  override effective(tenant: Tenant): Promise<EffectiveProfile> {
    const kept = this.kept.get(tenant.id);
    if (kept !== undefined && kept.revision === tenant.revision && kept.until > this.now()) return kept.profile;
    this.listen(tenant);
    const profile = this.sessions
      .run(tenant.id, ({ settings }) => settings.all())
      .then((settings) => mergeProfile(tenant.manifest, settings));
    const fresh: Kept = { revision: tenant.revision, until: this.now() + believedMs, profile };
    this.kept.set(tenant.id, fresh);
    profile.catch(() => {
      if (this.kept.get(tenant.id) === fresh) this.kept.delete(tenant.id);
    });
    return profile;
  }

  override invalidate(tenant: Tenant): void {
    this.kept.delete(tenant.id);
    this.bus.publish(tenant.id, 'settings', {});
  }

  private listen(tenant: Tenant): void {
    if (this.heard.has(tenant.id)) return;
    this.heard.add(tenant.id);
    this.bus
      .subscribe(tenant.id, 'settings', () => this.kept.delete(tenant.id))
      .catch(() => this.heard.delete(tenant.id));
  }
}
