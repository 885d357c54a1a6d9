import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { ModelProfile, Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { fitsBudget, type Spending } from '../domain/spending.js';
import { monthEnd, monthOf } from '../domain/usage.js';
import type { UsageStores } from '../ports/usage-store.js';

/** How old the figure may be before it is read again, in ms: what other replicas spend shows within this time. */
const freshMs = 10_000;

interface Entry {
  spending: Spending;
  /** When the month is over, in ms: cheaper to compare than its name. */
  readonly endsAt: number;
  loadedAt: number;
  loading: Promise<void> | null;
}

/** What a call is thought to cost, held from its tenant's budget while it runs. */
export interface Hold {
  readonly requestId: string;
  readonly microUsd: number;
}

/** Spending of each tenant in its UTC month, in memory: what the database holds plus what is not written yet. */
export class BudgetLedger {
  private readonly entries = new Map<TenantId, Entry>();
  private readonly held = new Map<TenantId, Map<string, number>>();

  constructor(
    private readonly sessions: TenantSessions<UsageStores>,
    private readonly clock: Clock,
  ) {}

  /**
   * Lets a call pass while money is left, or where the budget does not stop calls. What the call is thought to
   * cost is then held until `spent` says what it did cost, so that many at once do not spend the same money.
   * @throws {AppError} budget_exhausted; database_unavailable when spending cannot be known
   */
  async demand(tenant: Tenant, models: ModelProfile, hold: Hold): Promise<void> {
    const { monthlyMicroUsd, hardStop } = models;
    if (monthlyMicroUsd === null || hardStop !== true) return;
    const entry = this.entryOf(tenant.id);
    if (entry.loadedAt === 0) await this.load(tenant.id, entry);
    const now = this.clock.now();
    // A stale figure still decides; the newer one decides the next call.
    if (now.getTime() - entry.loadedAt > freshMs) this.load(tenant.id, entry).catch(() => undefined);
    if (fitsBudget(entry.spending, this.heldFrom(tenant.id), monthlyMicroUsd)) return this.hold(tenant.id, hold);
    throw new AppError('budget_exhausted', 'The budget of this month is used up.', { retryAt: monthEnd(now) });
  }

  /** A call has cost this much, and the database does not know yet. What was held for it is free again. */
  spent(tenant: TenantId, requestId: string, microUsd: number): void {
    this.release(tenant, requestId);
    const entry = this.entryOf(tenant);
    const { pendingMicroUsd } = entry.spending;
    entry.spending = { ...entry.spending, pendingMicroUsd: pendingMicroUsd + microUsd };
  }

  /** The database has taken `writtenMicroUsd`; `storedMicroUsd` is its figure now, null where it did not say. */
  stored(tenant: TenantId, writtenMicroUsd: number, storedMicroUsd: number | null): void {
    const entry = this.entryOf(tenant);
    const { spending } = entry;
    entry.spending = {
      ...spending,
      // Figures of two writes may arrive in the wrong order; within a month spending only grows.
      storedMicroUsd: Math.max(spending.storedMicroUsd, storedMicroUsd ?? 0),
      pendingMicroUsd: Math.max(0, spending.pendingMicroUsd - writtenMicroUsd),
    };
  }

  private hold(tenant: TenantId, { requestId, microUsd }: Hold): void {
    const holds = this.held.get(tenant) ?? new Map<string, number>();
    this.held.set(tenant, holds.set(requestId, microUsd));
  }

  private release(tenant: TenantId, requestId: string): void {
    const holds = this.held.get(tenant);
    if (holds?.delete(requestId) === true && holds.size === 0) this.held.delete(tenant);
  }

  private heldFrom(tenant: TenantId): number {
    let microUsd = 0;
    for (const held of this.held.get(tenant)?.values() ?? []) microUsd += held;
    return microUsd;
  }

  private entryOf(tenant: TenantId): Entry {
    const now = this.clock.now();
    const known = this.entries.get(tenant);
    if (known !== undefined && now.getTime() < known.endsAt) return known;
    const spending = { month: monthOf(now), storedMicroUsd: 0, pendingMicroUsd: known?.spending.pendingMicroUsd ?? 0 };
    const made: Entry = { spending, endsAt: monthEnd(now).getTime(), loadedAt: 0, loading: null };
    this.entries.set(tenant, made);
    return made;
  }

  private load(tenant: TenantId, entry: Entry): Promise<void> {
    entry.loading ??= this.read(tenant, entry).finally(() => (entry.loading = null));
    return entry.loading;
  }

  private async read(tenant: TenantId, entry: Entry): Promise<void> {
    const stored = await this.sessions.run(tenant, (stores) => stores.usage.spent(entry.spending.month));
    const storedMicroUsd = Math.max(entry.spending.storedMicroUsd, stored);
    entry.spending = { ...entry.spending, storedMicroUsd };
    entry.loadedAt = this.clock.now().getTime();
  }
}
