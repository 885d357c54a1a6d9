import type pg from 'pg';
import { AppError } from '#libs/kernel/errors.js';
import { choosePlace, type PlacementWish } from '#libs/tenancy/domain/placement.js';
import type { ShardServers } from './shard-servers.js';

interface ShardRow {
  readonly id: string;
  readonly region: string;
  readonly state: 'active' | 'cordoned';
  readonly capacity: number | null;
  readonly weight: number;
  readonly tenants: number;
}

/**
 * The shard of a new tenant. Call it in the transaction that writes the tenant's row: a lock until its end keeps
 * two new tenants from taking the same last place. A shard that does not answer now is none.
 * @throws {AppError} no_shard saying why no shard takes it
 */
export async function findPlace(
  client: pg.PoolClient,
  servers: Pick<ShardServers, 'names' | 'answers'>,
  slug: string,
  wish: PlacementWish,
): Promise<string> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('whisper:placement', 0))`);
  const { rows } = await client.query<ShardRow>(
    `select s.id, s.region, s.state, s.capacity, s.weight,
       (select count(*)::int from whisper_control.tenant t where t.shard_id = s.id) as tenants
     from whisper_control.shard s order by s.id`,
  );
  const usable = new Set(servers.names());
  for (;;) {
    const place = choosePlace(
      rows.map(({ id, state, ...row }) => ({
        ...row,
        name: id,
        cordoned: state === 'cordoned',
        usable: usable.has(id),
      })),
      wish,
    );
    if (place.kind === 'none')
      throw new AppError('no_shard', `No shard takes the tenant "${slug}": ${place.reason}.`, {
        field: 'spec.database.shard',
      });
    if (await servers.answers(place.shard)) return place.shard;
    usable.delete(place.shard);
  }
}
