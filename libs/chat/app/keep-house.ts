import type { Clock } from '#libs/kernel/clock.js';
import type { TenantId } from '#libs/kernel/ids.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { Generation } from '../domain/conversation.js';
import { advance, emptyTurn, type TurnEvent } from '../domain/turn.js';
import type { ChatStores } from '../ports/chat-stores.js';
import { announceConversation, announcePerson } from './announce.js';
import { toConversationView, toMessageView } from './views.js';

/** A writer that has not beaten for this long is dead: three of its beats were missed. */
const leaseMs = 10_000;
/** Events are only for readers that were away a short while; the message has the text. */
const eventsKeptMs = 10 * 60_000;
/** A deletion can be undone on the page for 8 s; a day leaves time for a second thought. */
const deletedKeptMs = 24 * 60 * 60_000;

/** The background work of the chat. Each is safe to run again, and on several processes at once. */
export class KeepHouse {
  constructor(
    private readonly sessions: TenantSessions<ChatStores>,
    private readonly bus: Bus,
    private readonly clock: Clock,
    private readonly bootId: string,
  ) {}

  /**
   * Marks answers whose writer died as interrupted, with the text their log has. The epoch rises, so that a
   * reader that saw more than the log holds takes the new state.
   * @param atOnce take every answer of an earlier start for dead; right where there is one process only
   */
  async reap(tenant: TenantId, atOnce: boolean): Promise<number> {
    const before = new Date(this.clock.now().getTime() - (atOnce ? 0 : leaseMs));
    const reaped = await this.sessions.run(tenant, async (stores) => {
      const orphans = await stores.generations.orphans(this.bootId, before);
      const told = [];
      for (const orphan of orphans) told.push(await this.interrupt(stores, orphan));
      return told;
    });
    for (const told of reaped) {
      if (told === null) continue;
      announceConversation(this.bus, tenant, told);
      announcePerson(this.bus, tenant, told.person, { kind: 'conversation-changed', conversation: told.view });
    }
    return reaped.length;
  }

  private async interrupt({ conversations, generations }: ChatStores, orphan: Generation) {
    const now = this.clock.now();
    const ranges = await generations.eventsFrom(orphan.id, orphan.epoch, 0);
    const written = ranges.flatMap(({ events }) => events).reduce(advance, emptyTurn(orphan.model));
    const end: TurnEvent = {
      kind: 'turn-error',
      status: 'interrupted',
      error: {
        code: 'interrupted',
        message: 'The server stopped while this answer was written.',
        action: 'Continue or retry the answer.',
        retryable: true,
      },
      endedAt: now.toISOString(),
    };
    const state = advance(written, end);
    const seq = (ranges.at(-1)?.to ?? 0) + 1;
    if (!(await generations.finish(orphan.id, { epoch: orphan.epoch + 1, seq, state }))) return null;
    await conversations.setText(orphan.messageId, state.text);
    const conversation = await conversations.lock(orphan.personId, orphan.conversationId);
    const message = await conversations.findMessage(orphan.personId, orphan.messageId);
    if (conversation === null || message === null) return null;
    const view = toConversationView({ ...conversation, running: false });
    const events = [
      { kind: 'message-changed' as const, message: toMessageView(message) },
      { kind: 'conversation-changed' as const, conversation: view },
    ];
    return {
      id: conversation.id,
      person: orphan.personId,
      view,
      events,
      seq: await conversations.appendEvents(conversation.id, events, now),
    };
  }

  async expireEvents(tenant: TenantId): Promise<void> {
    const before = new Date(this.clock.now().getTime() - eventsKeptMs);
    await this.sessions.run(tenant, ({ generations }) => generations.expireEvents(before));
  }

  async purge(tenant: TenantId): Promise<void> {
    const before = new Date(this.clock.now().getTime() - deletedKeptMs);
    await this.sessions.run(tenant, ({ conversations }) => conversations.purge(before));
  }
}
