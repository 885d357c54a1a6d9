import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** A rate: the bucket holds `perMinute`, is refilled evenly, and may go into debt when a call took more than thought. */
export interface RateTake {
  readonly perMinute: number;
  readonly amount: number;
}

/** What a call takes from the limits of its tenant, or of one API key; null where there is no limit. */
export interface Reservation {
  /** The request id; makes settling idempotent. */
  readonly id: string;
  /** The API key whose limits these are; left out: the whole tenant's. */
  readonly keyId?: string | undefined;
  readonly requests: RateTake | null;
  /** An amount above the whole bucket is taken as the whole bucket, so that a large call waits and is not refused for ever. */
  readonly tokens: RateTake | null;
  readonly concurrent: { readonly limit: number } | null;
  /** When the reservation of a process that died gives its slot back, in ms. */
  readonly ttlMs: number;
}

export type ReservationResult =
  | { readonly kind: 'reserved' }
  | {
      readonly kind: 'refused';
      readonly limit: 'requests' | 'tokens' | 'concurrent';
      /** When the same reservation may succeed, in ms from now. */
      readonly retryAfterMs: number;
    };

/** Limits of a tenant and of each of its API keys, shared by all replicas that use the same adapter. */
export abstract class Counters {
  /** Takes from every limit or from none; atomic. */
  abstract reserve(tenant: Tenant, reservation: Reservation): Promise<ReservationResult>;
  /**
   * Frees the slot and replaces the reserved tokens by those really used. The second settling of an id, and the
   * settling of an unknown one, change nothing.
   */
  abstract settle(tenant: Tenant, id: string, tokens: number, keyId?: string): Promise<void>;
  abstract close(): Promise<void>;
}
