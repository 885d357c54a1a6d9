import pg from 'pg';
import { DataSource, type EntitySchema } from 'typeorm';
import { ExtendedClient } from './extended-client.js';

/** One pool for all tenants of a shard. */
export async function openDataSource(
  url: string,
  entities: readonly EntitySchema[],
  poolSize: number,
): Promise<DataSource> {
  const source = new DataSource({
    type: 'postgres',
    driver: pg,
    url,
    entities: [...entities],
    synchronize: false,
    logging: false,
    installExtensions: false,
    poolSize,
    // A dead idle connection is dropped by the pool; the next unit of work gets a fresh one.
    poolErrorHandler: () => undefined,
    extra: {
      Client: ExtendedClient,
      pipeline: true,
      connectionTimeoutMillis: 5_000,
      idleTimeoutMillis: 30_000,
      // A backend's memory grows with each tenant schema it has touched (0.24 MB each), so connections are renewed.
      maxLifetimeSeconds: 3_600,
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 30_000,
      keepAlive: true,
    },
  });
  return source.initialize();
}
