/** One database server as placement sees it. */
export interface ShardUse {
  readonly name: string;
  readonly region: string;
  /** Most tenants it takes; null: no limit. */
  readonly capacity: number | null;
  /** Takes no new tenant, save one that names it. */
  readonly cordoned: boolean;
  /** Share of new tenants beside other shards; 0 takes only those that name it. */
  readonly weight: number;
  /** Tenants that live there now. */
  readonly tenants: number;
  /** Whether the writer of the directory can reach it. */
  readonly usable: boolean;
}

/** What a manifest asks for. A named shard wins over region, weight and cordon; its capacity still holds. */
export interface PlacementWish {
  readonly shard?: string | undefined;
  readonly region?: string | undefined;
}

export type Placement =
  { readonly kind: 'placed'; readonly shard: string } | { readonly kind: 'none'; readonly reason: string };

/** Where a new tenant goes: the shard that is least used for its weight; equal ones in the order of their names. */
export function choosePlace(shards: readonly ShardUse[], wish: PlacementWish): Placement {
  if (wish.shard !== undefined) return chosenByName(shards, wish.shard);
  const inRegion = wish.region === undefined ? shards : shards.filter(({ region }) => region === wish.region);
  if (inRegion.length === 0)
    return none(wish.region === undefined ? 'there is no shard' : `there is no shard in region "${wish.region}"`);
  const refusals = inRegion.map((shard) => ({ shard, why: whyNot(shard) }));
  const open = refusals.filter(({ why }) => why === null).map(({ shard }) => shard);
  const [best] = open.toSorted((a, b) => useOf(a) - useOf(b) || (a.name < b.name ? -1 : 1));
  if (best !== undefined) return { kind: 'placed', shard: best.name };
  return none(refusals.map(({ shard, why }) => `${shard.name} ${why ?? ''}`).join(', '));
}

function chosenByName(shards: readonly ShardUse[], name: string): Placement {
  const shard = shards.find((one) => one.name === name);
  if (shard === undefined) return none(`there is no shard "${name}"`);
  const why = whyNot({ ...shard, cordoned: false, weight: 1 });
  return why === null ? { kind: 'placed', shard: name } : none(`${name} ${why}`);
}

function whyNot({ usable, cordoned, weight, capacity, tenants }: ShardUse): string | null {
  if (!usable) return 'cannot be reached';
  if (cordoned) return 'is cordoned';
  if (capacity !== null && tenants >= capacity) return `is full (${tenants} of ${capacity})`;
  return weight === 0 ? 'has weight 0' : null;
}

/** Use after one more tenant, for the weight. */
function useOf({ tenants, weight }: ShardUse): number {
  return (tenants + 1) / weight;
}

function none(reason: string): Placement {
  return { kind: 'none', reason };
}
