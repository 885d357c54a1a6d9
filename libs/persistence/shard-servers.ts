import pg from 'pg';
import { AppError, describeError } from '#libs/kernel/errors.js';
import { askServer } from './ask-server.js';
import { smallPool } from './small-pool.js';

interface KnownShard {
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly pool: pg.Pool;
  /** Whether it answered when it was asked last, and when that was, in ms. */
  heard: { readonly isThere: boolean; readonly atMs: number } | null;
}

/** What a server said is believed this long, in ms: a crowd of new tenants asks once. */
const believedMs = 2_000;
/** One that is away takes seconds to be asked, and the crowd waits for it. */
const awayMs = 10_000;

/** The shards this process may write to, each with a small pool of the login that creates roles and schemas. */
export class ShardServers {
  private readonly known = new Map<string, KnownShard>();

  names(): ReadonlySet<string> {
    return new Set(this.known.keys());
  }

  /** The apps' address of a shard that was added under this very URL. */
  appUrlOf(name: string, adminUrl: string): string | null {
    const shard = this.known.get(name);
    return shard?.adminUrl === adminUrl ? shard.appUrl : null;
  }

  async add(name: string, adminUrl: string, appUrl: string): Promise<void> {
    const before = this.known.get(name);
    this.known.set(name, { adminUrl, appUrl, pool: smallPool(adminUrl, 4), heard: null });
    await before?.pool.end();
  }

  async remove(name: string): Promise<void> {
    const shard = this.known.get(name);
    this.known.delete(name);
    await shard?.pool.end();
  }

  /** @throws {AppError} shard_unavailable where nobody has said yet where the shard is */
  adminUrl(name: string): string {
    return this.shard(name).adminUrl;
  }

  /** The apps' address of a shard, where it is known. */
  appUrl(name: string): string | null {
    return this.known.get(name)?.appUrl ?? null;
  }

  /**
   * Asks how a shard is, for at most 5 s.
   * @throws {AppError} shard_unavailable where it is not known; what the driver said where it does not answer
   */
  async ask(name: string): ReturnType<typeof askServer> {
    const shard = this.shard(name);
    try {
      const facts = await askServer(shard.adminUrl);
      shard.heard = { isThere: true, atMs: performance.now() };
      return facts;
    } catch (error) {
      shard.heard = { isThere: false, atMs: performance.now() };
      throw error;
    }
  }

  /** Whether a tenant can be made there now. */
  async answers(name: string): Promise<boolean> {
    const heard = this.known.get(name)?.heard ?? null;
    const ageMs = heard === null ? Infinity : performance.now() - heard.atMs;
    if (heard !== null && ageMs < (heard.isThere ? believedMs : awayMs)) return heard.isThere;
    return this.ask(name).then(
      () => true,
      () => false,
    );
  }

  /**
   * Runs `work` on one connection to the shard.
   * @throws {AppError} shard_unavailable
   */
  async with<Result>(name: string, work: (client: pg.PoolClient) => Promise<Result>): Promise<Result> {
    const shard = this.shard(name);
    let client: pg.PoolClient;
    try {
      client = await shard.pool.connect();
    } catch (cause) {
      shard.heard = { isThere: false, atMs: performance.now() };
      throw unavailable(name, describeError(cause), cause);
    }
    let failed: Error | undefined;
    try {
      return await work(client);
    } catch (error) {
      failed = error instanceof Error ? error : new TypeError(String(error));
      throw error;
    } finally {
      // A connection on which something failed may be in a state of its own: it is not used again.
      client.release(failed);
    }
  }

  async close(): Promise<void> {
    for (const name of this.names()) await this.remove(name);
  }

  private shard(name: string): KnownShard {
    const shard = this.known.get(name);
    if (shard === undefined) throw unavailable(name, 'its DatabaseShard has not been applied yet');
    return shard;
  }
}

function unavailable(name: string, why: string, cause?: unknown): AppError {
  return new AppError('shard_unavailable', `The shard "${name}" cannot be reached: ${why}.`, { cause });
}
