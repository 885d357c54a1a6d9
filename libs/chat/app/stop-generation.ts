import type { Clock } from '#libs/kernel/clock.js';
import type { GenerationId, TenantId, UserId } from '#libs/kernel/ids.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { ChatStores } from '../ports/chat-stores.js';
import { topicOf } from './announce.js';

/** Stops an answer: a row first, so that it is never lost; then a wake over the bus, so that it is quick. */
export class StopGeneration {
  constructor(
    private readonly sessions: TenantSessions<ChatStores>,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  /** Does nothing where the answer has ended, or is not this person's. */
  async stop(tenant: TenantId, person: UserId, id: GenerationId): Promise<void> {
    const asked = await this.sessions.run(tenant, ({ generations }) =>
      generations.requestStop(person, id, this.clock.now()),
    );
    if (asked) this.bus.publish(tenant, topicOf.stop(id), {});
  }
}
