import type { ConversationEvent, PersonEvent } from '#libs/contracts/chat-events.js';
import type { ConversationId, TenantId, UserId } from '#libs/kernel/ids.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';

/** What travels on the topic of a conversation, and on that of a person. */
export interface Announcement {
  readonly epoch: number;
  readonly from: number;
  readonly to: number;
  readonly events: readonly unknown[];
}

/** Topics of the bus; a person's is private to that person's sockets. */
export const topicOf = {
  generation: (id: string) => `generation:${id}`,
  conversation: (id: string) => `conversation:${id}`,
  person: (id: string) => `person:${id}`,
  stop: (id: string) => `stop:${id}`,
};

/** Tells readers of a conversation what was just committed: `seq` is the number of the newest of `events`. */
export function announceConversation(
  bus: Bus,
  tenant: TenantId,
  change: { id: ConversationId; seq: number; events: readonly ConversationEvent[] },
): void {
  const announcement: Announcement = {
    epoch: 0,
    from: change.seq - change.events.length,
    to: change.seq,
    events: change.events,
  };
  bus.publish(tenant, topicOf.conversation(change.id), announcement);
}

/** Tells a person's other tabs and devices. Not numbered: a reader that was away fetches its lists anew. */
export function announcePerson(bus: Bus, tenant: TenantId, person: UserId, event: PersonEvent): void {
  const announcement: Announcement = { epoch: 0, from: 0, to: 1, events: [event] };
  bus.publish(tenant, topicOf.person(person), announcement);
}
