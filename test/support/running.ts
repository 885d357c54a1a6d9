import type { EmbeddedPostgres } from '#libs/persistence/embedded/embedded-postgres.js';

/** What the global setup started and the teardown ends. */
export const running: { folder?: string; postgres?: EmbeddedPostgres } = {};
