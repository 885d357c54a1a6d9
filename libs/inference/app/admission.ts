import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import type { ModelProfile, Tenant } from '#libs/tenancy/domain/tenant.js';
import type { CallTelemetry } from '../ports/call-telemetry.js';
import type { Counters, Reservation, ReservationResult } from '../ports/counters.js';
import type { BudgetLedger } from './budget-ledger.js';

/** What a call is thought to need before it runs. */
export interface Demand {
  readonly requestId: string;
  readonly tokens: number;
  readonly microUsd: number;
}

/** How long a reservation outlives a process that died, in ms: longer than the longest call. */
const reservationTtlMs = 900_000;

const words = {
  requests: 'too many requests in a minute',
  tokens: 'too many tokens in a minute',
  concurrent: 'too many requests at the same time',
} as const;

/** Lets a call of a tenant in, or says which limit stands against it. */
export class Admission {
  constructor(
    private readonly ledger: BudgetLedger,
    private readonly counters: Counters,
    private readonly clock: Clock,
    private readonly telemetry: CallTelemetry,
  ) {}

  /**
   * Takes from the tenant's limits; every admitted call must be settled. Says whether there is anything to settle.
   * @throws {AppError} budget_exhausted, rate_limited
   */
  async admit(tenant: Tenant, models: ModelProfile, demand: Demand): Promise<boolean> {
    await this.ledger.demand(tenant, models, demand);
    const reservation = reservationOf(models, demand);
    if (reservation === null) return false;
    const result = await this.reserve(tenant, reservation);
    if (result?.kind === 'refused') throw this.refusal(result);
    return result !== null;
  }

  /** Gives back what was reserved and takes what was used; safe to call twice. */
  settle(tenant: Tenant, requestId: string, tokens: number): Promise<void> {
    return this.counters.settle(tenant, requestId, tokens);
  }

  /**
   * Null where the counters do not answer: then calls go on without limits of rate, because a broken counter
   * must not take the models away from everybody. The budget has a source of its own.
   */
  private async reserve(tenant: Tenant, reservation: Reservation): Promise<ReservationResult | null> {
    try {
      return await this.counters.reserve(tenant, reservation);
    } catch (error) {
      this.telemetry.backgroundFailed('reserve', error);
      return null;
    }
  }

  private refusal(result: Extract<ReservationResult, { kind: 'refused' }>): AppError {
    const retryAt = new Date(this.clock.now().getTime() + result.retryAfterMs);
    return new AppError('rate_limited', `Your organisation has sent ${words[result.limit]}.`, { retryAt });
  }
}

function reservationOf({ rateLimits }: ModelProfile, demand: Demand): Reservation | null {
  if (rateLimits === null) return null;
  const { rpm, tpm, concurrent } = rateLimits;
  if (rpm === null && tpm === null && concurrent === null) return null;
  return {
    id: demand.requestId,
    requests: rpm === null ? null : { perMinute: rpm, amount: 1 },
    tokens: tpm === null ? null : { perMinute: tpm, amount: demand.tokens },
    concurrent: concurrent === null ? null : { limit: concurrent },
    ttlMs: reservationTtlMs,
  };
}
