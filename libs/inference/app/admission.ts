import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import type { ModelProfile, RateLimits, Tenant } from '#libs/tenancy/domain/tenant.js';
import type { CallTelemetry } from '../ports/call-telemetry.js';
import type { Counters, Reservation, ReservationResult } from '../ports/counters.js';
import type { BudgetLedger } from './budget-ledger.js';

/** What a call is thought to need before it runs. */
export interface Demand {
  readonly requestId: string;
  readonly tokens: number;
  readonly microUsd: number;
  /** The API key it comes by, with limits of its own; null: none. */
  readonly key: { readonly id: string; readonly limits: RateLimits } | null;
}

/** Whose limits a call was taken from: what is to be settled. */
export interface Admitted {
  readonly keyId: string | null;
  readonly isTenants: boolean;
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
   * Takes from the limits of the key and of its tenant; every admitted call must be settled.
   * @throws {AppError} budget_exhausted, rate_limited
   */
  async admit(tenant: Tenant, models: ModelProfile, demand: Demand): Promise<Admitted> {
    await this.ledger.demand(tenant, models, demand);
    const { key, requestId } = demand;
    // The key comes first: a call past its own limit must take nothing from everybody else's.
    const ofKey = key === null ? null : reservationOf(key.limits, demand);
    const isKeys =
      ofKey !== null && key !== null && (await this.take(tenant, { ...ofKey, keyId: key.id }, 'This API key'));
    const keyId = isKeys ? (key?.id ?? null) : null;
    const ofTenant = reservationOf(models.rateLimits, demand);
    try {
      return { keyId, isTenants: ofTenant !== null && (await this.take(tenant, ofTenant, 'Your organisation')) };
    } catch (error) {
      await this.settle(tenant, { requestId, admitted: { keyId, isTenants: false } }, 0);
      throw error;
    }
  }

  /** Gives back what was reserved and takes what was used; safe to call twice. */
  async settle(
    tenant: Tenant,
    { requestId, admitted }: { readonly requestId: string; readonly admitted: Admitted },
    tokens: number,
  ): Promise<void> {
    if (admitted.keyId !== null) await this.counters.settle(tenant, requestId, tokens, admitted.keyId);
    if (admitted.isTenants) await this.counters.settle(tenant, requestId, tokens);
  }

  /** False where the counters did not answer. @throws {AppError} rate_limited */
  private async take(tenant: Tenant, reservation: Reservation, who: string): Promise<boolean> {
    const result = await this.reserve(tenant, reservation);
    if (result?.kind === 'refused') throw this.refusal(result, who);
    return result !== null;
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

  private refusal(result: Extract<ReservationResult, { kind: 'refused' }>, who: string): AppError {
    const retryAt = new Date(this.clock.now().getTime() + result.retryAfterMs);
    return new AppError('rate_limited', `${who} has sent ${words[result.limit]}.`, { retryAt });
  }
}

function reservationOf(
  rateLimits: RateLimits | null,
  demand: Pick<Demand, 'requestId' | 'tokens'>,
): Reservation | null {
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
