import pg from 'pg';

/** A pool for the few statements beside units of work; its idle connections go after 10 s. */
export function smallPool(connectionString: string, max: number): pg.Pool {
  const pool = new pg.Pool({
    connectionString,
    max,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 10_000,
    keepAlive: true,
  });
  pool.on('error', () => undefined);
  return pool;
}
