import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { SystemClock } from '#libs/kernel/clock.js';
import { RandomIds } from '#libs/kernel/ids.js';
import type { Counters, Reservation } from '#libs/inference/ports/counters.js';
import { InProcessCounters } from '#libs/messaging/in-process-counters.js';
import { RedisCounters } from '#libs/messaging/redis-counters.js';
import { memoryTenant } from '#test/fakes/memory-tenants.js';
import { redisServer } from '#test/support/component-list.js';
import { describeWith } from '#test/support/components.js';
import { startRedis } from '#test/support/redis-server.js';

const ids = new RandomIds();
const reservation = (change: Partial<Reservation> = {}): Reservation => ({
  id: ids.next(),
  requests: null,
  tokens: null,
  concurrent: null,
  ttlMs: 60_000,
  ...change,
});
let slugs = 0;
/** A tenant of its own for each test. */
const someone = () => {
  slugs += 1;
  return memoryTenant(`c${slugs}`);
};

/** What every adapter of Counters must do. `open` gives a second one on the same store, where there is one. */
function conforms(name: string, open: () => Counters): void {
  describe(name, () => {
    let counters: Counters;
    beforeAll(() => {
      counters = open();
    });
    afterAll(() => counters.close());

    it('lets as many requests in as a minute holds, and says when the next one fits', async () => {
      const tenant = someone();
      const one = () => counters.reserve(tenant, reservation({ requests: { perMinute: 60, amount: 1 } }));
      const first = await Promise.all(Array.from({ length: 60 }, one));

      const next = await one();

      expect(first.every(({ kind }) => kind === 'reserved')).toBe(true);
      expect(next).toMatchObject({ kind: 'refused', limit: 'requests' });
      if (next.kind !== 'refused') return;
      expect(next.retryAfterMs).toBeGreaterThan(0);
      expect(next.retryAfterMs).toBeLessThanOrEqual(1_000);
    });

    it('counts each key for itself, and beside its tenant', async () => {
      const tenant = someone();
      const take = (keyId?: string) =>
        counters.reserve(tenant, reservation({ ...(keyId === undefined ? {} : { keyId }), concurrent: { limit: 1 } }));
      const one = reservation({ keyId: 'one', concurrent: { limit: 1 } });
      await counters.reserve(tenant, one);

      const again = await take('one');
      const others = [await take('two'), await take()];
      await counters.settle(tenant, one.id, 0);
      const still = await take('one');
      await counters.settle(tenant, one.id, 0, 'one');

      expect(again).toMatchObject({ kind: 'refused', limit: 'concurrent' });
      expect(others).toEqual([{ kind: 'reserved' }, { kind: 'reserved' }]);
      expect(still).toMatchObject({ kind: 'refused' });
      expect(await take('one')).toEqual({ kind: 'reserved' });
    });

    it('refills evenly', async () => {
      const tenant = someone();
      const rate = { perMinute: 600, amount: 600 };
      await counters.reserve(tenant, reservation({ requests: rate }));
      const early = await counters.reserve(tenant, reservation({ requests: { ...rate, amount: 10 } }));
      await sleep(1_200);

      const later = await counters.reserve(tenant, reservation({ requests: { ...rate, amount: 10 } }));

      expect([early.kind, later.kind]).toEqual(['refused', 'reserved']);
    });

    it.each([
      ['lowered: what was used counts against the new limit', 60, 10, 12, 'refused'],
      ['lowered: what is left of the new limit is there', 60, 10, 9, 'reserved'],
      ['raised: the difference is there at once', 10, 60, 9, 'reserved'],
    ])('goes on counting when a limit is %s', async (_case, before, after, used, kind) => {
      const tenant = someone();
      await counters.reserve(tenant, reservation({ requests: { perMinute: before, amount: used } }));

      const next = await counters.reserve(tenant, reservation({ requests: { perMinute: after, amount: 1 } }));

      expect(next.kind).toBe(kind);
    });

    it('gives no more than is left when a limit is raised', async () => {
      const tenant = someone();
      await counters.reserve(tenant, reservation({ requests: { perMinute: 10, amount: 10 } }));

      const tooMuch = await counters.reserve(tenant, reservation({ requests: { perMinute: 60, amount: 52 } }));
      const rest = await counters.reserve(tenant, reservation({ requests: { perMinute: 60, amount: 50 } }));

      expect([tooMuch.kind, rest.kind]).toEqual(['refused', 'reserved']);
    });

    it('makes nobody wait longer than a minute for what was used before a limit was lowered', async () => {
      const tenant = someone();
      await counters.reserve(tenant, reservation({ requests: { perMinute: 10_000, amount: 10_000 } }));

      const next = await counters.reserve(tenant, reservation({ requests: { perMinute: 2, amount: 2 } }));

      expect(next).toMatchObject({ kind: 'refused', limit: 'requests' });
      if (next.kind === 'refused') expect(next.retryAfterMs).toBeLessThanOrEqual(60_000);
    });

    it('takes from all limits or from none', async () => {
      const tenant = someone();
      const requests = { perMinute: 2, amount: 1 };
      const tooMany = { perMinute: 10, amount: 10 };
      await counters.reserve(tenant, reservation({ tokens: tooMany }));

      const refused = await counters.reserve(
        tenant,
        reservation({ requests, tokens: tooMany, concurrent: { limit: 1 } }),
      );
      const free = await Promise.all([1, 2].map(() => counters.reserve(tenant, reservation({ requests }))));
      const slot = await counters.reserve(tenant, reservation({ concurrent: { limit: 1 } }));

      expect(refused).toMatchObject({ kind: 'refused', limit: 'tokens' });
      expect(free.map(({ kind }) => kind)).toEqual(['reserved', 'reserved']);
      expect(slot.kind).toBe('reserved');
    });

    it('gives back what was reserved and not used, once', async () => {
      const tenant = someone();
      const tokens = { perMinute: 100, amount: 100 };
      const first = reservation({ tokens });
      await counters.reserve(tenant, first);

      await counters.settle(tenant, first.id, 40);
      await counters.settle(tenant, first.id, 0);
      await counters.settle(tenant, ids.next(), 0);

      const tooMuch = await counters.reserve(tenant, reservation({ tokens: { perMinute: 100, amount: 70 } }));
      const fits = await counters.reserve(tenant, reservation({ tokens: { perMinute: 100, amount: 60 } }));
      expect([tooMuch.kind, fits.kind]).toEqual(['refused', 'reserved']);
    });

    it('goes into debt for a call that took more than thought', async () => {
      const tenant = someone();
      const small = reservation({ tokens: { perMinute: 100, amount: 10 } });
      await counters.reserve(tenant, small);
      await counters.settle(tenant, small.id, 250);

      const next = await counters.reserve(tenant, reservation({ tokens: { perMinute: 100, amount: 1 } }));

      expect(next).toMatchObject({ kind: 'refused', limit: 'tokens' });
      if (next.kind === 'refused') expect(next.retryAfterMs).toBeGreaterThan(60_000);
    });

    it('lets a call in that is larger than the bucket, when the bucket is full', async () => {
      const tenant = someone();
      const huge = { perMinute: 100, amount: 5_000 };

      const first = await counters.reserve(tenant, reservation({ tokens: huge }));
      const second = await counters.reserve(tenant, reservation({ tokens: huge }));

      expect([first.kind, second.kind]).toEqual(['reserved', 'refused']);
    });

    it('counts what runs at the same time, under any race', async () => {
      const tenant = someone();
      const tries = Array.from({ length: 50 }, () => reservation({ concurrent: { limit: 7 } }));

      const results = await Promise.all(tries.map((one) => counters.reserve(tenant, one)));
      const held = tries.filter((_, index) => results[index]?.kind === 'reserved');
      await Promise.all(held.map(({ id }) => counters.settle(tenant, id, 0)));
      const after = await counters.reserve(tenant, reservation({ concurrent: { limit: 7 } }));

      expect(held).toHaveLength(7);
      expect(after.kind).toBe('reserved');
    });

    it('frees the place of a process that died, after its time', async () => {
      const tenant = someone();
      const dead = reservation({ concurrent: { limit: 1 }, ttlMs: 200 });
      await counters.reserve(tenant, dead);
      const early = await counters.reserve(tenant, reservation({ concurrent: { limit: 1 } }));
      await sleep(300);

      const later = await counters.reserve(tenant, reservation({ concurrent: { limit: 1 } }));

      expect([early.kind, later.kind]).toEqual(['refused', 'reserved']);
    });

    it("never counts one tenant's calls for another", async () => {
      const [one, other] = [someone(), someone()];
      const requests = { perMinute: 1, amount: 1 };
      const held = reservation({ requests, concurrent: { limit: 1 } });
      await counters.reserve(one, held);

      await counters.settle(other, held.id, 0);
      const own = await counters.reserve(one, reservation({ concurrent: { limit: 1 } }));
      const foreign = await counters.reserve(other, reservation({ requests, concurrent: { limit: 1 } }));

      expect([own.kind, foreign.kind]).toEqual(['refused', 'reserved']);
    });
  });
}

describe('counters', () => {
  conforms('in this process', () => new InProcessCounters(new SystemClock()));
});

describeWith(redisServer, 'counters in Redis', (program) => {
  let redis: Awaited<ReturnType<typeof startRedis>>;
  const connect = () => new RedisCounters(new Redis(redis.url, { maxRetriesPerRequest: 1 }));
  beforeAll(async () => {
    redis = await startRedis(program);
  });
  afterAll(() => redis.stop());

  conforms('on one connection', connect);

  it('are shared by two replicas', async () => {
    const [one, other] = [connect(), connect()];
    const tenant = someone();
    const held = reservation({ tokens: { perMinute: 100, amount: 100 }, concurrent: { limit: 1 } });

    const first = await one.reserve(tenant, held);
    const second = await other.reserve(tenant, reservation({ concurrent: { limit: 1 } }));
    await other.settle(tenant, held.id, 10);
    const third = await one.reserve(tenant, reservation({ tokens: { perMinute: 100, amount: 90 } }));

    expect([first.kind, second.kind, third.kind]).toEqual(['reserved', 'refused', 'reserved']);
    await Promise.all([one.close(), other.close()]);
  });

  it('touch no key outside the prefix of the tenant', async () => {
    const counters = connect();
    const tenant = someone();
    await counters.reserve(
      tenant,
      reservation({
        requests: { perMinute: 1, amount: 1 },
        tokens: { perMinute: 1, amount: 1 },
        concurrent: { limit: 1 },
      }),
    );
    const client = new Redis(redis.url);
    const keys = await client.keys(`*${tenant.schema}*`);
    await Promise.all([client.quit(), counters.close()]);

    expect(keys.length).toBe(4);
    expect(keys.every((key) => key.startsWith(`${tenant.schema}:`))).toBe(true);
  });
});
