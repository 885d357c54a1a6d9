import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import { AppError } from '#libs/kernel/errors.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantDirectory } from '#libs/tenancy/ports/tenant-directory.js';
import { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { fromDatabase } from './database-errors.js';
import { commit, preludeFor, rollback } from './prelude.js';

/** The part of pg's client that a unit of work speaks to directly. */
interface RawClient {
  query(statement: object): Promise<{ readonly command: string }>;
}

/** The pool of each shard, by its name; undefined for one that this process cannot reach. */
export interface ShardSources {
  get(shard: string): DataSource | Promise<DataSource> | undefined;
}

/** TypeORM's runner, told that a transaction is open which it did not open itself. */
type OpenedRunner = Omit<QueryRunner, 'isTransactionActive'> & {
  isTransactionActive: boolean;
  transactionDepth: number;
};

/**
 * Units of work on Postgres: one connection, one transaction, the tenant's role, the stores, and COMMIT.
 * Costs the same round trips as a plain transaction.
 */
export class PostgresTenantSessions<Stores> extends TenantSessions<Stores> {
  constructor(
    private readonly directory: TenantDirectory,
    private readonly shards: ShardSources,
    private readonly openStores: (manager: EntityManager) => Stores,
  ) {
    super();
  }

  override async run<Result>(tenant: TenantId, work: (stores: Stores) => Promise<Result>): Promise<Result> {
    const place = await this.directory.byId(tenant);
    if (place === null || place.state === 'erasing') throw new AppError('not_found', 'This organisation is not here.');
    const runner = (await this.sourceOf(place)).createQueryRunner() as unknown as OpenedRunner;
    try {
      const client = (await runner.connect()) as RawClient;
      return await this.inTransaction(runner, client, preludeFor(place), work);
    } catch (error) {
      const failure = fromDatabase(error);
      if (failure.code === 'tenant_moved') this.directory.doubt(tenant);
      throw failure;
    } finally {
      await runner.release();
    }
  }

  private async sourceOf({ shard }: Tenant): Promise<DataSource> {
    try {
      const source = await this.shards.get(shard);
      if (source !== undefined) return source;
    } catch (error) {
      throw fromDatabase(error);
    }
    throw new AppError('shard_unavailable', `This process knows no way to the shard "${shard}".`);
  }

  private async inTransaction<Result>(
    runner: OpenedRunner,
    client: RawClient,
    prelude: object,
    work: (stores: Stores) => Promise<Result>,
  ): Promise<Result> {
    // Not awaited: it travels with the first statement. Its own error is told before that statement's "transaction is aborted".
    const opened = client.query(prelude);
    opened.catch(() => undefined);
    markOpen(runner, true);
    try {
      const result = await work(this.openStores(runner.manager));
      await opened;
      const { command } = await client.query(commit);
      // COMMIT of a transaction in which a statement failed succeeds, and answers ROLLBACK.
      if (command !== 'COMMIT') throw new AppError('internal', 'Something went wrong on our side; nothing was saved.');
      return result;
    } catch (error) {
      const preludeError = await opened.then(
        () => null,
        (reason: unknown) => reason,
      );
      await client.query(rollback).catch(() => undefined);
      throw preludeError ?? error;
    } finally {
      markOpen(runner, false);
    }
  }
}

/** Keeps TypeORM from opening a transaction of its own around `save` and `remove`. */
function markOpen(runner: OpenedRunner, open: boolean): void {
  runner.isTransactionActive = open;
  runner.transactionDepth = open ? 1 : 0;
}
