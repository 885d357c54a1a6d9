/** One database server as its description names it. */
export interface ShardDescription {
  readonly name: string;
  readonly region: string;
  /** Most tenants it takes; null: no limit. */
  readonly capacity: number | null;
  readonly cordoned: boolean;
  /** 0 to 1000; 100 is usual, 0 takes only tenants that name the shard. */
  readonly weight: number;
  /** Login that may create roles and schemas there. Kept in memory only. */
  readonly adminUrl: string;
}

/** How the shared apps log in to a shard. */
export interface ShardAccess {
  readonly name: string;
  readonly appUrl: string;
}

/** What a shard is like right now. */
export interface ShardReport {
  readonly reachable: boolean;
  /** As `18.4`; null where it cannot be reached. */
  readonly serverVersion: string | null;
  /** Tenants of the directory that live there. */
  readonly tenants: number;
  readonly sizeBytes: number | null;
  /** Why it cannot be reached, without any secret. */
  readonly error: string | null;
}

/** The database servers tenants live on. */
export abstract class ShardRegistry {
  /**
   * Prepares the server (logins, closed doors, walls proven) and writes its row. Safe to run again; a server that
   * was prepared by this process under the same URL is not asked again.
   * @throws {AppError} shard_unavailable; start_failed with the SQL a database administrator must run
   */
  abstract apply(description: ShardDescription): Promise<ShardAccess>;
  /**
   * Forgets a shard; its data stays.
   * @throws {AppError} conflict while tenants live there
   */
  abstract remove(name: string): Promise<void>;
  /** Asks the server, for at most 5 s; a shard that is away is an answer, not an error. */
  abstract inspect(name: string): Promise<ShardReport>;
}
