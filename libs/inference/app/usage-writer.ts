import { pause } from '#libs/kernel/abort.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { monthOf, type UsageEvent } from '../domain/usage.js';
import type { CallTelemetry } from '../ports/call-telemetry.js';
import type { UsageSpill } from '../ports/usage-spill.js';
import type { UsageStores } from '../ports/usage-store.js';
import type { BudgetLedger } from './budget-ledger.js';

export interface UsageWriterParts {
  readonly sessions: TenantSessions<UsageStores>;
  readonly spill: UsageSpill;
  readonly ledger: BudgetLedger;
  readonly clock: Clock;
  readonly telemetry: CallTelemetry;
}

/** Rows of one statement: past this the cost of a row does not fall any more (1 µs measured). */
const batchRows = 200;
/** Longest an event waits for others, in ms; also the most that a killed process loses. */
const batchMs = 250;
/** How often a database that refused is tried again, in ms. */
const replayEveryMs = 2_000;
/** Tenants written at the same time: leaves most of a small connection pool to people. */
const parallelTenants = 4;

/**
 * Writes usage events in batches, one transaction for each tenant. While the database cannot take them they
 * are kept on disk and written later; writing one twice changes nothing.
 */
export class UsageWriter {
  private waiting: UsageEvent[] = [];
  private timer: NodeJS.Timeout | null = null;
  private flushing: Promise<void> = Promise.resolve();
  private readonly closing = new AbortController();
  private isSpilled = true;

  constructor(private readonly parts: UsageWriterParts) {}

  /** Begins to write what an earlier process or an outage has left on disk. */
  start(): void {
    void this.replayLoop();
  }

  /** Takes an event; never waits and never fails. */
  record(event: UsageEvent): void {
    this.parts.ledger.spent(event.tenant, event.id, event.costMicroUsd);
    this.waiting.push(event);
    this.parts.telemetry.usageWaiting(this.waiting.length);
    if (this.waiting.length >= batchRows) void this.flush();
    else this.timer ??= setTimeout(() => void this.flush(), batchMs);
  }

  /** Resolves when every event recorded before is in the database or on disk. */
  flush(): Promise<void> {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.flushing = this.flushing.then(() => this.writeAll());
    return this.flushing;
  }

  /** Writes what there is and stops. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.flush();
  }

  private async writeAll(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    const groups = [...byTenant(batch)];
    for (let at = 0; at < groups.length; at += parallelTenants) {
      const slice = groups.slice(at, at + parallelTenants);
      await Promise.all(slice.map(([tenant, events]) => this.writeOrSpill(tenant, events)));
    }
    this.parts.telemetry.usageWaiting(this.waiting.length);
  }

  private async writeOrSpill(tenant: TenantId, events: readonly UsageEvent[]): Promise<void> {
    try {
      await this.write(tenant, events);
    } catch (error) {
      this.parts.telemetry.backgroundFailed('usage-write', error);
      await this.spill(events);
    }
  }

  private async spill(events: readonly UsageEvent[]): Promise<void> {
    try {
      await this.parts.spill.put(events);
      this.isSpilled = true;
    } catch (error) {
      this.parts.telemetry.backgroundFailed('usage-spill', error);
      // Neither database nor disk: memory is the last place, and the next batch tries again.
      this.waiting.unshift(...events);
      if (!this.closing.signal.aborted) this.timer ??= setTimeout(() => void this.flush(), replayEveryMs);
    }
  }

  private async write(tenant: TenantId, events: readonly UsageEvent[]): Promise<void> {
    const months = await this.storeIn(tenant, events);
    const cost = events.reduce((sum, event) => sum + event.costMicroUsd, 0);
    const current = months.find(({ month }) => month === monthOf(this.parts.clock.now()));
    this.parts.ledger.stored(tenant, cost, current?.spentMicroUsd ?? null);
  }

  private async storeIn(tenant: TenantId, events: readonly UsageEvent[]) {
    try {
      return await this.parts.sessions.run(tenant, (stores) => stores.usage.append(events));
    } catch (error) {
      // An erased tenant has nowhere to keep its usage, and nobody to bill.
      if (error instanceof AppError && error.code === 'not_found') return [];
      throw error;
    }
  }

  private async replayLoop(): Promise<void> {
    while (!this.closing.signal.aborted) {
      if (this.isSpilled) await this.replay();
      await pause(replayEveryMs, this.closing.signal);
    }
  }

  private async replay(): Promise<void> {
    this.isSpilled = false;
    try {
      while (await this.parts.spill.replay((events) => this.writeReplayed(events))) {
        if (this.closing.signal.aborted) return;
      }
    } catch (error) {
      this.isSpilled = true;
      this.parts.telemetry.backgroundFailed('usage-write', error);
    }
  }

  private async writeReplayed(events: readonly UsageEvent[]): Promise<void> {
    for (const [tenant, own] of byTenant(events)) await this.write(tenant, own);
  }
}

function byTenant(events: readonly UsageEvent[]): Map<TenantId, UsageEvent[]> {
  const groups = new Map<TenantId, UsageEvent[]>();
  for (const event of events) {
    const group = groups.get(event.tenant);
    if (group === undefined) groups.set(event.tenant, [event]);
    else group.push(event);
  }
  return groups;
}
