import type { TenantId } from '#libs/kernel/ids.js';
import { Bus, type BusHandler } from '#libs/tenancy/ports/bus.js';

/** A bus that loses, doubles and delays messages, as the port allows; `random` decides. */
export class FaultyBus extends Bus {
  constructor(
    private readonly inner: Bus,
    private readonly random: () => number,
  ) {
    super();
  }

  override publish(tenant: TenantId, topic: string, message: unknown): void {
    const luck = this.random();
    if (luck < 0.2) return;
    this.inner.publish(tenant, topic, message);
    if (luck < 0.4) this.inner.publish(tenant, topic, message);
    if (luck > 0.8) setTimeout(() => this.inner.publish(tenant, topic, message), luck * 100);
  }

  override subscribe(tenant: TenantId, topic: string, handler: BusHandler): Promise<() => void> {
    return this.inner.subscribe(tenant, topic, handler);
  }

  override close(): Promise<void> {
    return this.inner.close();
  }
}
