import type { ConversationDetail, ConversationView } from '#libs/contracts/chat-views.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import type { ConversationId, MessageId, TenantId, UserId } from '#libs/kernel/ids.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import type { Feedback } from '../domain/conversation.js';
import type { ChatStores, ConversationChange, ConversationPage } from '../ports/chat-stores.js';
import { announceConversation, announcePerson } from './announce.js';
import { toConversationView, toMessageView } from './views.js';

const notThere = () => new AppError('not_found', 'This conversation is not there.');

/** A person's own conversations. Another's answer exactly as if they were not there. */
export class Conversations {
  constructor(
    private readonly sessions: TenantSessions<ChatStores>,
    private readonly bus: Bus,
    private readonly clock: Clock,
  ) {}

  async page(
    tenant: TenantId,
    query: ConversationPage,
  ): Promise<{ items: ConversationView[]; nextCursor: string | null }> {
    const { items, nextCursor } = await this.sessions.run(tenant, ({ conversations }) => conversations.page(query));
    return { items: items.map(toConversationView), nextCursor };
  }

  /** @throws {AppError} not_found */
  async detail(tenant: TenantId, person: UserId, id: ConversationId): Promise<ConversationDetail> {
    return this.sessions.run(tenant, async ({ conversations }) => {
      const conversation = await conversations.find(person, id);
      if (conversation === null) throw notThere();
      const messages = await conversations.messages(id);
      return {
        conversation: toConversationView(conversation),
        messages: messages.map(toMessageView),
        seq: conversation.eventSeq,
      };
    });
  }

  /** Renames, pins, chooses the model or the branch. @throws {AppError} not_found */
  async change(
    tenant: TenantId,
    person: UserId,
    change: ConversationChange & { id: ConversationId },
  ): Promise<ConversationView> {
    const { id, ...fields } = change;
    const made = await this.sessions.run(tenant, async ({ conversations }) => {
      if ((await conversations.lock(person, id)) === null) throw notThere();
      if (fields.activeLeafId !== undefined) {
        const leaf = await conversations.findMessage(person, fields.activeLeafId);
        if (leaf?.conversationId !== id) throw notThere();
      }
      await conversations.change(id, fields, null);
      return this.changed({ conversations }, person, id);
    });
    announceConversation(this.bus, tenant, { id, seq: made.seq, events: made.events });
    announcePerson(this.bus, tenant, person, { kind: 'conversation-changed', conversation: made.view });
    return made.view;
  }

  /** Takes a conversation out of sight; it can be restored until it is purged. @throws {AppError} not_found */
  async remove(tenant: TenantId, person: UserId, id: ConversationId): Promise<void> {
    const now = this.clock.now();
    const removed = await this.sessions.run(tenant, ({ conversations }) => conversations.setDeleted(person, id, now));
    if (!removed) throw notThere();
    announcePerson(this.bus, tenant, person, { kind: 'conversation-removed', conversationId: id });
  }

  /** @throws {AppError} not_found when it was purged already */
  async restore(tenant: TenantId, person: UserId, id: ConversationId): Promise<ConversationView> {
    const view = await this.sessions.run(tenant, async ({ conversations }) => {
      await conversations.setDeleted(person, id, null);
      const conversation = await conversations.find(person, id);
      if (conversation === null) throw notThere();
      return toConversationView(conversation);
    });
    announcePerson(this.bus, tenant, person, { kind: 'conversation-changed', conversation: view });
    return view;
  }

  /** @throws {AppError} not_found */
  async rate(tenant: TenantId, person: UserId, rating: { id: MessageId; feedback: Feedback | null }): Promise<void> {
    const made = await this.sessions.run(tenant, async ({ conversations }) => {
      const message = await conversations.findMessage(person, rating.id);
      if (message === null || message.role !== 'assistant') throw notThere();
      await conversations.lock(person, message.conversationId);
      await conversations.rate(person, rating.id, rating.feedback, this.clock.now());
      const events = [
        { kind: 'message-changed' as const, message: toMessageView({ ...message, feedback: rating.feedback }) },
      ];
      return {
        id: message.conversationId,
        events,
        seq: await conversations.appendEvents(message.conversationId, events, this.clock.now()),
      };
    });
    announceConversation(this.bus, tenant, made);
  }

  private async changed({ conversations }: Pick<ChatStores, 'conversations'>, person: UserId, id: ConversationId) {
    const conversation = await conversations.find(person, id);
    if (conversation === null) throw notThere();
    const view = toConversationView(conversation);
    const events = [{ kind: 'conversation-changed' as const, conversation: view }];
    return { view, events, seq: await conversations.appendEvents(id, events, this.clock.now()) };
  }
}
