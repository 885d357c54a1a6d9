import type { Redis } from 'ioredis';
import { AppError } from '#libs/kernel/errors.js';
import type { Counters, Reservation, ReservationResult } from '#libs/inference/ports/counters.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';

/**
 * All limits of one call in one step, by the server's own clock. A bucket is a hash of level, time and limit;
 * slots are a sorted set by expiry; `held` keeps what an id has reserved until it is settled. Another limit keeps what
 * was used: a raised one gives its difference, a lowered one takes it, down to empty.
 */
const reserveScript = `
local t = redis.call('TIME')
local now = t[1] * 1000 + math.floor(t[2] / 1000)
local id, ttl, slots = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local buckets = {}
for i = 1, 2 do
  local limit, amount = tonumber(ARGV[2 + i * 2]), tonumber(ARGV[3 + i * 2])
  if limit > 0 then
    local b = redis.call('HMGET', KEYS[i], 'level', 'at', 'limit')
    local level = limit
    if b[1] then
      local before = tonumber(b[3])
      local filled = math.min(before, tonumber(b[1]) + math.max(0, now - tonumber(b[2])) * before / 60000)
      level = filled + limit - before
      if limit < before then level = math.min(filled, math.max(0, level)) end
    end
    local take = math.min(amount, limit)
    if take > level then return { i, math.ceil((take - level) * 60000 / limit) } end
    buckets[i] = { level - take, limit, take }
  end
end
if slots > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', now)
  if redis.call('ZCARD', KEYS[3]) >= slots then return { 3, 1000 } end
  redis.call('ZADD', KEYS[3], now + ttl, id)
  redis.call('PEXPIRE', KEYS[3], ttl)
end
for i, b in pairs(buckets) do
  redis.call('HSET', KEYS[i], 'level', tostring(b[1]), 'at', now, 'limit', b[2])
  redis.call('PEXPIRE', KEYS[i], 3600000)
end
redis.call('SET', KEYS[4], buckets[2] and buckets[2][3] or 0, 'PX', ttl)
return { 0, 0 }`;

const settleScript = `
local held = redis.call('GET', KEYS[3])
if not held then return 0 end
redis.call('DEL', KEYS[3])
redis.call('ZREM', KEYS[2], ARGV[1])
local b = redis.call('HMGET', KEYS[1], 'level', 'limit')
if b[1] then
  local level = math.min(tonumber(b[2]), tonumber(b[1]) + tonumber(held) - tonumber(ARGV[2]))
  redis.call('HSET', KEYS[1], 'level', tostring(level))
end
return 1`;

const limitNames = ['requests', 'tokens', 'concurrent'] as const;

/** Limits shared by all replicas over one Redis. Keys stand under the tenant's own prefix, in one cluster slot. */
export class RedisCounters implements Counters {
  constructor(private readonly redis: Redis) {}

  async reserve(tenant: Tenant, reservation: Reservation): Promise<ReservationResult> {
    const { id, keyId, requests, tokens, concurrent, ttlMs } = reservation;
    const keys = ['rpm', 'tpm', 'slots', `held:${id}`].map((name) => key(tenant, name, keyId));
    const rates = [requests, tokens].flatMap((take) => [take?.perMinute ?? 0, take?.amount ?? 0]);
    const answer = await this.redis.eval(
      reserveScript,
      keys.length,
      ...keys,
      id,
      ttlMs,
      concurrent?.limit ?? 0,
      ...rates,
    );
    const [limit = 0, retryAfterMs = 0] = Array.isArray(answer) ? answer.map(Number) : [];
    if (limit === 0) return { kind: 'reserved' };
    const name = limitNames[limit - 1];
    if (name === undefined) throw new AppError('internal', 'The counters gave an answer that is not understood.');
    return { kind: 'refused', limit: name, retryAfterMs };
  }

  async settle(tenant: Tenant, id: string, tokens: number, keyId?: string): Promise<void> {
    const keys = ['tpm', 'slots', `held:${id}`].map((name) => key(tenant, name, keyId));
    await this.redis.eval(settleScript, keys.length, ...keys, id, tokens);
  }

  close(): Promise<void> {
    this.redis.disconnect();
    return Promise.resolve();
  }
}

/** `t_x:{t_x}:…`: the prefix is what the tenant's Redis user may touch, the braces keep its keys in one slot. */
function key({ schema }: Tenant, name: string, keyId: string | undefined): string {
  return `${schema}:{${schema}}:limits:${keyId === undefined ? '' : `key:${keyId}:`}${name}`;
}
