import type { DataSource } from 'typeorm';
import { openDataSource } from './data-source.js';
import type { ShardSources } from './postgres-tenant-sessions.js';
import { rows } from './rows/all-rows.js';

interface OpenShard {
  readonly url: string;
  readonly source: Promise<DataSource>;
}

/** One pool for each shard, opened when its first unit of work comes, and ended when its address changes or goes. */
export class ShardPools implements ShardSources {
  private readonly open = new Map<string, OpenShard>();

  /** @param urlOf the apps' address of a shard right now, or null; asked at each unit of work, so it answers from memory */
  constructor(
    private readonly poolSize: number,
    private readonly urlOf: (shard: string) => string | null,
  ) {}

  get(shard: string): Promise<DataSource> | undefined {
    const url = this.urlOf(shard);
    const known = this.open.get(shard);
    if (known !== undefined && known.url === url) return known.source;
    if (known !== undefined) this.end(shard, known);
    if (url === null) return undefined;
    const opened = { url, source: openDataSource(url, rows, this.poolSize) };
    this.open.set(shard, opened);
    // A shard that was away is tried anew by the next unit of work.
    opened.source.catch(() => this.open.get(shard) === opened && this.open.delete(shard));
    return opened.source;
  }

  /** Ends the pools of shards that are gone; units of work that run keep their connection until they end. */
  sweep(): void {
    for (const [shard, known] of this.open) if (this.urlOf(shard) !== known.url) this.end(shard, known);
  }

  async close(): Promise<void> {
    const sources = [...this.open.values()].map(({ source }) => source.then((one) => one.destroy()));
    this.open.clear();
    await Promise.allSettled(sources);
  }

  private end(shard: string, { source }: OpenShard): void {
    this.open.delete(shard);
    source.then((one) => one.destroy()).catch(() => undefined);
  }
}
