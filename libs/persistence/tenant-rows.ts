import type pg from 'pg';
import type { TenantId } from '#libs/kernel/ids.js';
import { selectTenants, type TenantRow } from './control-rows.js';

/** Reads the row of a tenant in the control database. */
export async function findTenant(
  client: pg.Pool | pg.PoolClient,
  by: { readonly slug: string } | { readonly id: TenantId | string },
): Promise<TenantRow | null> {
  const [where, value] = 'slug' in by ? ['t.slug = $1', by.slug] : ['t.id = $1', by.id];
  const { rows } = await client.query<TenantRow>(selectTenants(where), [value]);
  return rows[0] ?? null;
}

/** One writer per tenant over all processes: two that follow the same manifest must not race. */
export async function withTenantLock<Result>(
  pool: pg.Pool,
  slug: string,
  work: (client: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const client = await pool.connect();
  let broken = false;
  try {
    await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [`whisper:tenant:${slug}`]);
    try {
      return await work(client);
    } finally {
      await client
        .query('select pg_advisory_unlock(hashtextextended($1, 0))', [`whisper:tenant:${slug}`])
        .catch(() => (broken = true));
    }
  } finally {
    // A connection that cannot give its lock back must end, or the lock would live as long as the pool.
    client.release(broken);
  }
}
