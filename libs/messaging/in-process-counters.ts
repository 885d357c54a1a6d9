import type { Clock } from '#libs/kernel/clock.js';
import type { Counters, RateTake, Reservation, ReservationResult } from '#libs/inference/ports/counters.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/** Seconds of refill in a bucket: limits are stated per minute. */
const minuteMs = 60_000;
/** When nothing says sooner, a slot is likely to be free after an answer of this length, in ms. */
const slotRetryMs = 1_000;

interface Bucket {
  level: number;
  at: number;
  perMinute: number;
}

interface Held {
  readonly tokens: number;
  readonly hasSlot: boolean;
  readonly expiresAt: number;
}

interface TenantLimits {
  readonly requests: Bucket;
  readonly tokens: Bucket;
  readonly held: Map<string, Held>;
}

/** Limits kept in this process: exact for one process, and each of several has its own. */
export class InProcessCounters implements Counters {
  /** By tenant, or by tenant and key. */
  private readonly tenants = new Map<string, TenantLimits>();

  constructor(private readonly clock: Clock) {}

  reserve(tenant: Tenant, reservation: Reservation): Promise<ReservationResult> {
    return Promise.resolve(this.reserveNow(ownerOf(tenant, reservation.keyId), reservation));
  }

  settle(tenant: Tenant, id: string, tokens: number, keyId?: string): Promise<void> {
    const limits = this.tenants.get(ownerOf(tenant, keyId));
    const held = limits?.held.get(id);
    if (limits === undefined || held === undefined) return Promise.resolve();
    limits.held.delete(id);
    limits.tokens.level = Math.min(limits.tokens.perMinute, limits.tokens.level + held.tokens - tokens);
    return Promise.resolve();
  }

  close(): Promise<void> {
    this.tenants.clear();
    return Promise.resolve();
  }

  private reserveNow(owner: string, { id, requests, tokens, concurrent, ttlMs }: Reservation): ReservationResult {
    const now = this.clock.now().getTime();
    const limits = this.limitsOf(owner);
    dropExpired(limits, now);
    const requestsWait = waitFor(limits.requests, requests, now);
    if (requestsWait > 0) return { kind: 'refused', limit: 'requests', retryAfterMs: requestsWait };
    const tokensWait = waitFor(limits.tokens, tokens, now);
    if (tokensWait > 0) return { kind: 'refused', limit: 'tokens', retryAfterMs: tokensWait };
    if (concurrent !== null && slotsIn(limits) >= concurrent.limit)
      return { kind: 'refused', limit: 'concurrent', retryAfterMs: slotRetryMs };
    if (requests !== null) limits.requests.level -= takenOf(requests);
    const taken = tokens === null ? 0 : takenOf(tokens);
    limits.tokens.level -= taken;
    limits.held.set(id, { tokens: taken, hasSlot: concurrent !== null, expiresAt: now + ttlMs });
    return { kind: 'reserved' };
  }

  private limitsOf(owner: string): TenantLimits {
    const known = this.tenants.get(owner);
    if (known !== undefined) return known;
    const empty = (): Bucket => ({ level: 0, at: 0, perMinute: 0 });
    const made = { requests: empty(), tokens: empty(), held: new Map<string, Held>() };
    this.tenants.set(owner, made);
    return made;
  }
}

function ownerOf({ id }: Tenant, keyId: string | undefined): string {
  return keyId === undefined ? id : `${id} ${keyId}`;
}

/** An amount above the whole bucket counts as the whole bucket. */
function takenOf({ amount, perMinute }: RateTake): number {
  return Math.min(amount, perMinute);
}

/** Refills the bucket up to now, and says how long `take` has to wait; 0: not at all. */
function waitFor(bucket: Bucket, take: RateTake | null, now: number): number {
  if (take === null) return 0;
  refill(bucket, take.perMinute, now);
  const missing = takenOf(take) - bucket.level;
  return missing <= 0 ? 0 : Math.ceil((missing * minuteMs) / take.perMinute);
}

/** Another limit keeps what was used: a raised one gives its difference, a lowered one takes it, down to empty. */
function refill(bucket: Bucket, perMinute: number, now: number): void {
  const before = bucket.perMinute;
  const gained = (Math.max(0, now - bucket.at) * before) / minuteMs;
  const filled = Math.min(before, bucket.level + gained);
  const moved = filled + perMinute - before;
  bucket.level = perMinute >= before ? moved : Math.min(filled, Math.max(0, moved));
  bucket.at = now;
  bucket.perMinute = perMinute;
}

/** Reservations stand in the order they were made in: the first one that still holds ends the search. */
function dropExpired({ held }: TenantLimits, now: number): void {
  for (const [id, { expiresAt }] of held) {
    if (expiresAt > now) return;
    held.delete(id);
  }
}

function slotsIn({ held }: TenantLimits): number {
  let slots = 0;
  for (const { hasSlot } of held.values()) if (hasSlot) slots += 1;
  return slots;
}
