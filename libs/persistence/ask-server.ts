import pg from 'pg';

/** A server that does not answer within this is away, in ms. */
const answerMs = 5_000;

interface ServerFacts {
  /** As `18.4`. */
  readonly version: string;
  /** Size of the database. */
  readonly bytes: number;
}

/** Asks a server how it is, on a connection of its own, so that a busy pool is not mistaken for a server that is away. */
export async function askServer(url: string): Promise<ServerFacts> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: answerMs,
    query_timeout: answerMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: string; bytes: string }>(
      `select split_part(current_setting('server_version'), ' ', 1) as version,
         pg_database_size(current_database()) as bytes`,
    );
    return { version: rows[0]?.version ?? '', bytes: Number(rows[0]?.bytes ?? 0) };
  } finally {
    await client.end().catch(() => undefined);
  }
}
