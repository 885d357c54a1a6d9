import { Redis } from 'ioredis';
import { AppError, describeError } from '#libs/kernel/errors.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { QueueAccess } from '#libs/tenancy/ports/queue-access.js';

/**
 * Commands that jobs, messages and limits need; each works on keys or channels that are checked against the user's
 * own. What tells of other people's names (KEYS, SCAN, RANDOMKEY, PUBSUB) or rules the server stays shut.
 */
const commands = [
  '-@all',
  ...['string', 'hash', 'list', 'set', 'sortedset', 'stream', 'pubsub', 'transaction', 'scripting', 'connection'].map(
    (category) => `+@${category}`,
  ),
  ...['del', 'unlink', 'exists', 'expire', 'pexpire', 'persist', 'ttl', 'pttl', 'type', 'time'].map(
    (name) => `+${name}`,
  ),
  '-@dangerous',
  '-@admin',
  // BullMQ asks for the version.
  '+info',
  '-pubsub',
  '-client',
  '+client|setname',
  '+client|id',
  '-script',
  '+script|load',
  '+script|exists',
] as const;

/** Keys deleted at once. */
const batch = 500;
const opaque = /^t_[a-z0-9]{16}$/;
const sharedName = /^whisper-[a-z0-9_-]{1,64}$/;

/** Redis ACL users of dedicated tenants: `t_x` may touch the keys and channels `t_x:*` and nothing else. */
export class RedisQueueAccess extends QueueAccess {
  private constructor(
    private readonly redis: Redis,
    private readonly url: string,
    private readonly passwordFor: (purpose: string) => string,
  ) {
    super();
  }

  /**
   * @param url of a user that may change ACLs
   * @param report is told of connection trouble; ioredis reconnects by itself
   */
  static connect(
    url: string,
    passwordFor: (purpose: string) => string,
    report: (error: Error) => void,
  ): RedisQueueAccess {
    const redis = new Redis(url, { maxRetriesPerRequest: 1, connectTimeout: 5_000, commandTimeout: 10_000 });
    redis.on('error', report);
    return new RedisQueueAccess(redis, url, passwordFor);
  }

  override give(tenant: Tenant, generation = 1): Promise<string> {
    return this.giveUser(userOf(tenant), generation, []);
  }

  override async giveShared(prefix: string): Promise<string> {
    if (!sharedName.test(prefix)) throw new AppError('internal', 'The shared apps have no proper prefix.');
    // Limits stand under each tenant's own name, whichever apps serve it.
    return this.giveUser(prefix, 1, ['~t_*:limits:*']);
  }

  private async giveUser(user: string, generation: number, more: readonly string[]): Promise<string> {
    const password = (of: number) => this.passwordFor(`redis:${user}:${of}`);
    const believed = generation > 1 ? [password(generation), password(generation - 1)] : [password(generation)];
    const rules = [
      'reset',
      'on',
      ...believed.map((one) => `>${one}`),
      `~${user}:*`,
      `&${user}:*`,
      ...more,
      ...commands,
    ];
    await this.ask(() => this.redis.call('ACL', 'SETUSER', user, ...rules));
    await this.save();
    const url = new URL(this.url);
    url.username = user;
    url.password = password(generation);
    return url.toString();
  }

  override async take(tenant: Tenant): Promise<void> {
    const user = userOf(tenant);
    await this.ask(() => this.redis.call('ACL', 'DELUSER', user));
    await this.save();
    let cursor = '0';
    do {
      const [next, keys] = await this.ask(() => this.redis.scan(cursor, 'MATCH', `${user}:*`, 'COUNT', batch));
      if (keys.length > 0) await this.ask(() => this.redis.unlink(...keys));
      cursor = next;
    } while (cursor !== '0');
  }

  override onReturn(listener: () => void): void {
    let first = this.redis.status !== 'ready';
    this.redis.on('ready', () => {
      if (!first) listener();
      first = false;
    });
  }

  override async close(): Promise<void> {
    await this.redis.quit().catch(() => this.redis.disconnect());
  }

  /** Keeps users over a restart where the server has a file for them; without one, `onReturn` makes them again. */
  private async save(): Promise<void> {
    await this.redis.call('ACL', 'SAVE').catch(() => undefined);
  }

  private async ask<Answer>(command: () => Promise<Answer>): Promise<Answer> {
    try {
      return await command();
    } catch (cause) {
      throw new AppError('queue_unavailable', `Redis did not do it: ${describeError(cause)}.`, { cause });
    }
  }
}

function userOf({ schema }: Tenant): string {
  if (!opaque.test(schema)) throw new AppError('internal', 'A tenant has no proper schema.');
  return schema;
}
