import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { KeyIdentity } from '#libs/identity/domain/caller-identity.js';
import { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import type { BackendDefinition } from '#libs/inference/domain/backend.js';
import { monthOf, type UsageEvent } from '#libs/inference/domain/usage.js';
import { BackendRegistry } from '#libs/inference/ports/backend-registry.js';
import { type MonthSpending, UsageStore, type UsageStores } from '#libs/inference/ports/usage-store.js';
import { Secrets } from '#libs/tenancy/ports/secrets.js';
import { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';

/** ModelBackend manifests in memory. */
export class MemoryBackendRegistry extends BackendRegistry {
  definitions: BackendDefinition[] = [];

  override list(): Promise<readonly BackendDefinition[]> {
    return Promise.resolve(this.definitions);
  }
}

/** API keys in memory: the text of a key is its id. */
export class MemoryKeys extends KeyAuthenticator {
  private readonly keys = new Map<string, KeyIdentity>();

  add(key: string, identity: KeyIdentity): void {
    this.keys.set(key, identity);
  }

  override authenticate(presented: string, host: string | null): Promise<KeyIdentity> {
    const identity = this.keys.get(presented);
    const fits = identity !== undefined && (host === null || identity.tenant.hosts.includes(host));
    if (!fits) return Promise.reject(new AppError('invalid_api_key', 'This API key is not valid.'));
    return Promise.resolve(identity);
  }
}

/** Secrets in memory, by `<owner>/<name>/<key>`. */
export class MemorySecrets extends Secrets {
  readonly values = new Map<string, string>();

  override read(owner: string, ref: { name: string; key: string }): Promise<string | null> {
    return Promise.resolve(this.values.get(`${owner}/${ref.name}/${ref.key}`) ?? null);
  }

  override whereIs(owner: string, ref: { name: string; key: string }): string {
    return `secrets/${owner}/${ref.name}/${ref.key}`;
  }
}

/** Usage of one tenant in memory. */
class MemoryUsageStore extends UsageStore {
  readonly events = new Map<string, UsageEvent>();
  private readonly months = new Map<string, number>();

  override append(events: readonly UsageEvent[]): Promise<readonly MonthSpending[]> {
    const changed = new Set<string>();
    for (const event of events) {
      if (this.events.has(event.id)) continue;
      this.events.set(event.id, event);
      const month = monthOf(event.at);
      this.months.set(month, (this.months.get(month) ?? 0) + event.costMicroUsd);
      changed.add(month);
    }
    return Promise.resolve([...changed].map((month) => ({ month, spentMicroUsd: this.months.get(month) ?? 0 })));
  }

  override spent(month: string): Promise<number> {
    return Promise.resolve(this.months.get(month) ?? 0);
  }
}

/** Units of work on stores in memory; `outage`, while set, is what every one of them fails with. */
export class MemoryUsageSessions extends TenantSessions<UsageStores> {
  private readonly stores = new Map<TenantId, MemoryUsageStore>();
  outage: AppError | null = null;

  override run<Result>(tenant: TenantId, work: (stores: UsageStores) => Promise<Result>): Promise<Result> {
    if (this.outage !== null) return Promise.reject(this.outage);
    return work({ usage: this.storeOf(tenant) });
  }

  eventsOf(tenant: TenantId): UsageEvent[] {
    return [...this.storeOf(tenant).events.values()];
  }

  private storeOf(tenant: TenantId): MemoryUsageStore {
    const store = this.stores.get(tenant) ?? new MemoryUsageStore();
    this.stores.set(tenant, store);
    return store;
  }
}

/** Units of work on a store that forgets everything: for benches, where memory would be what is measured. */
export class ForgetfulUsageSessions extends TenantSessions<UsageStores> {
  private readonly store: UsageStore = new ForgetfulUsageStore();

  override run<Result>(_tenant: TenantId, work: (stores: UsageStores) => Promise<Result>): Promise<Result> {
    return work({ usage: this.store });
  }
}

class ForgetfulUsageStore extends UsageStore {
  override append(): Promise<readonly MonthSpending[]> {
    return Promise.resolve([]);
  }

  override spent(): Promise<number> {
    return Promise.resolve(0);
  }
}
