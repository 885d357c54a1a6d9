import { describe, expect, it } from '@jest/globals';
import { choosePlace, type PlacementWish, type ShardUse } from './placement.js';

const shard = (name: string, change: Partial<ShardUse> = {}): ShardUse => ({
  name,
  region: 'eu',
  capacity: null,
  cordoned: false,
  weight: 100,
  tenants: 0,
  usable: true,
  ...change,
});

describe('choosePlace', () => {
  it.each<[string, ShardUse[], PlacementWish, string]>([
    ['the only shard', [shard('a')], {}, 'a'],
    ['the least used', [shard('a', { tenants: 3 }), shard('b', { tenants: 2 })], {}, 'b'],
    ['the first by name of equal ones', [shard('b'), shard('a')], {}, 'a'],
    [
      'the heavier of equally used ones',
      [shard('a', { tenants: 5 }), shard('b', { tenants: 5, weight: 200 })],
      {},
      'b',
    ],
    ['one in the region', [shard('a'), shard('b', { region: 'us', tenants: 9 })], { region: 'us' }, 'b'],
    ['none that is cordoned', [shard('a', { cordoned: true }), shard('b', { tenants: 9 })], {}, 'b'],
    ['none that is full', [shard('a', { capacity: 1, tenants: 1 }), shard('b', { tenants: 9 })], {}, 'b'],
    ['none that is away', [shard('a', { usable: false }), shard('b', { tenants: 9 })], {}, 'b'],
    ['none of weight 0', [shard('a', { weight: 0 }), shard('b', { tenants: 9 })], {}, 'b'],
    [
      'the named one, cordoned and of weight 0',
      [shard('a'), shard('b', { cordoned: true, weight: 0 })],
      { shard: 'b' },
      'b',
    ],
    ['the named one, wherever it is', [shard('a'), shard('b', { region: 'us' })], { shard: 'b', region: 'eu' }, 'b'],
  ])('takes %s', (_case, shards, wish, expected) => {
    expect(choosePlace(shards, wish)).toEqual({ kind: 'placed', shard: expected });
  });

  it.each<[string, ShardUse[], PlacementWish, string]>([
    ['without shards', [], {}, 'there is no shard'],
    ['in an empty region', [shard('a')], { region: 'us' }, 'there is no shard in region "us"'],
    ['for an unknown name', [shard('a')], { shard: 'b' }, 'there is no shard "b"'],
    ['for a full named one', [shard('a', { capacity: 2, tenants: 2 })], { shard: 'a' }, 'a is full (2 of 2)'],
    [
      'where each has its own reason',
      [shard('a', { cordoned: true }), shard('b', { usable: false }), shard('c', { capacity: 1, tenants: 4 })],
      {},
      'a is cordoned, b cannot be reached, c is full (4 of 1)',
    ],
  ])('says why there is no place %s', (_case, shards, wish, reason) => {
    expect(choosePlace(shards, wish)).toEqual({ kind: 'none', reason });
  });

  it('fills shards in proportion to their weights, and never past their capacity', () => {
    // Bounded: 50 random fleets of up to 6 shards, 120 tenants each.
    for (let seed = 1; seed <= 50; seed += 1) {
      const random = numbers(seed);
      const fleet = Array.from({ length: 1 + random(6) }, (_, index) =>
        shard(`s${index}`, { weight: 1 + random(5), capacity: random(2) === 0 ? null : 1 + random(40) }),
      );
      const counts = new Map(fleet.map(({ name }) => [name, 0]));
      for (let tenant = 0; tenant < 120; tenant += 1) {
        const now = fleet.map((one) => ({ ...one, tenants: counts.get(one.name) ?? 0 }));
        const place = choosePlace(now, {});
        const isFull = now.every(({ capacity, tenants }) => capacity !== null && tenants >= capacity);
        expect(place.kind).toBe(isFull ? 'none' : 'placed');
        if (place.kind === 'placed') counts.set(place.shard, (counts.get(place.shard) ?? 0) + 1);
      }
      for (const { name, capacity } of fleet) expect(counts.get(name)).toBeLessThanOrEqual(capacity ?? Infinity);
      const free = fleet.filter(({ capacity }) => capacity === null);
      const shares = free.map(({ name, weight }) => (counts.get(name) ?? 0) / weight);
      expect(Math.max(0, ...shares) - Math.min(...shares, Infinity)).toBeLessThanOrEqual(1);
    }
  });
});

/** A small generator of its own, so that a failure can be run again. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return Math.floor((state / 2_147_483_648) * below);
  };
}
