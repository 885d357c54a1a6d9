import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

const shardName = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** How often the folder is read: a new shard is usable, and one that is gone is let go of, this soon. */
const readEveryMs = 2_000;

/** A Secret that is mounted whole gives a file of each key; one of its own a folder. */
async function readUrl(path: string): Promise<string> {
  const file = (await stat(path)).isDirectory() ? join(path, 'url') : path;
  return readFile(file, 'utf8').catch(() => '');
}

/** Addresses of shards as files FOLDER/<shard> or FOLDER/<shard>/url: mounted Secrets, which change while we run. */
export class ShardFolder {
  private urls: ReadonlyMap<string, string> = new Map();
  private readonly timer: NodeJS.Timeout;

  private constructor(
    private readonly folder: string,
    private readonly changed: () => void,
  ) {
    this.timer = setInterval(() => void this.read().catch(() => undefined), readEveryMs).unref();
  }

  /** @param changed is called after each reading. Rejects where the folder is not there. */
  static async open(folder: string, changed: () => void): Promise<ShardFolder> {
    const found = new ShardFolder(folder, changed);
    await found.read().catch((error: unknown) => {
      found.close();
      throw error;
    });
    return found;
  }

  /** The address of a shard, from memory. */
  urlOf(shard: string): string | null {
    return this.urls.get(shard) ?? null;
  }

  close(): void {
    clearInterval(this.timer);
  }

  private async read(): Promise<void> {
    const names = (await readdir(this.folder)).filter((name) => shardName.test(name));
    const entries = await Promise.all(
      names.map(async (name): Promise<[string, string]> => {
        return [name, (await readUrl(join(this.folder, name))).trim()];
      }),
    );
    this.urls = new Map(entries.filter(([, url]) => url !== ''));
    this.changed();
  }
}
