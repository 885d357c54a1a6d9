import type { TenantId } from '#libs/kernel/ids.js';
import { Bus, type BusHandler } from '#libs/tenancy/ports/bus.js';
import { tellHandlers } from './tell-handlers.js';

/** The bus of one process: handlers are called in order, in the publisher's turn. */
export class InProcessBus extends Bus {
  private readonly handlers = new Map<string, Set<BusHandler>>();

  /** @param report is told of a handler that failed */
  constructor(private readonly report: (error: Error) => void = () => undefined) {
    super();
  }

  override publish(tenant: TenantId, topic: string, message: unknown): void {
    tellHandlers(this.handlers.get(`${tenant}:${topic}`) ?? [], message, this.report);
  }

  override subscribe(tenant: TenantId, topic: string, handler: BusHandler): Promise<() => void> {
    const key = `${tenant}:${topic}`;
    const known = this.handlers.get(key) ?? new Set();
    known.add(handler);
    this.handlers.set(key, known);
    return Promise.resolve(() => {
      known.delete(handler);
      if (known.size === 0 && this.handlers.get(key) === known) this.handlers.delete(key);
    });
  }

  override close(): Promise<void> {
    this.handlers.clear();
    return Promise.resolve();
  }
}
