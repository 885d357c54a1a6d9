import { Redis } from 'ioredis';
import type { TenantId } from '#libs/kernel/ids.js';
import { Bus, type BusHandler } from '#libs/tenancy/ports/bus.js';
import { tellHandlers } from './tell-handlers.js';

/**
 * The bus over Redis pub/sub, a channel for each tenant and topic: `whisper:<tenant>:<topic>`. A message of our
 * own comes back to us like everybody's, so that each handler sees it once and in one order.
 */
export class RedisBus extends Bus {
  private readonly handlers = new Map<string, Set<BusHandler>>();

  private constructor(
    private readonly publisher: Redis,
    private readonly subscriber: Redis,
    private readonly prefix: string,
    private readonly report: (error: Error) => void,
  ) {
    super();
    subscriber.on('message', (channel: string, text: string) => this.deliver(channel, text));
  }

  /** @param report is told of connection trouble and of a handler that failed; ioredis reconnects by itself and subscribes again */
  static async connect(url: string, prefix: string, report: (error: Error) => void): Promise<RedisBus> {
    const options = {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      enableOfflineQueue: true,
      connectTimeout: 5_000,
    } as const;
    const publisher = new Redis(url, options);
    const subscriber = new Redis(url, { ...options, maxRetriesPerRequest: null });
    publisher.on('error', report);
    subscriber.on('error', report);
    await Promise.all([publisher.connect(), subscriber.connect()]);
    return new RedisBus(publisher, subscriber, prefix, report);
  }

  private channel(tenant: TenantId, topic: string): string {
    return `${this.prefix}:${tenant}:${topic}`;
  }

  private deliver(channel: string, text: string): void {
    const handlers = this.handlers.get(channel);
    if (handlers === undefined) return;
    tellHandlers(handlers, JSON.parse(text) as unknown, this.report);
  }

  override publish(tenant: TenantId, topic: string, message: unknown): void {
    // The bus may lose messages; a reader repairs from the database, so a failed publish needs no answer.
    this.publisher.publish(this.channel(tenant, topic), JSON.stringify(message)).catch(() => undefined);
  }

  override async subscribe(tenant: TenantId, topic: string, handler: BusHandler): Promise<() => void> {
    const channel = this.channel(tenant, topic);
    const known = this.handlers.get(channel) ?? new Set();
    known.add(handler);
    this.handlers.set(channel, known);
    await this.subscriber.subscribe(channel);
    return () => {
      known.delete(handler);
      if (known.size > 0 || this.handlers.get(channel) !== known) return;
      this.handlers.delete(channel);
      this.subscriber.unsubscribe(channel).catch(() => undefined);
    };
  }

  override async close(): Promise<void> {
    this.handlers.clear();
    this.subscriber.disconnect();
    await this.publisher.quit().catch(() => this.publisher.disconnect());
  }
}
