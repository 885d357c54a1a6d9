import type { ConversationEvent, SendReceipt, SendRequest } from '#libs/contracts/chat-events.js';
import type { Clock } from '#libs/kernel/clock.js';
import { AppError } from '#libs/kernel/errors.js';
import { conversationId, generationId, type Ids, messageId, type MessageId, type UserId } from '#libs/kernel/ids.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import type { TenantProfiles } from '#libs/tenancy/ports/tenant-profiles.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { type Conversation, type Generation, type Message, titleOf } from '../domain/conversation.js';
import type { ChatStores } from '../ports/chat-stores.js';
import type { Completions } from '../ports/completions.js';
import { announceConversation, announcePerson } from './announce.js';
import type { Turns } from './turns.js';
import { toConversationView, toMessageView } from './views.js';

interface SendParts {
  readonly sessions: TenantSessions<ChatStores>;
  readonly profiles: TenantProfiles;
  readonly completions: Completions;
  readonly turns: Turns;
  readonly bus: Bus;
  readonly clock: Clock;
  readonly ids: Ids;
  /** Names this start of this process in `generation.owner`. */
  readonly bootId: string;
}

/** Where a turn goes: its conversation, the new message of the person if there is one, and what is answered. */
interface Place {
  readonly conversation: Conversation;
  readonly isNew: boolean;
  readonly userMessage: Message | null;
  /** The message that is answered. */
  readonly askedId: MessageId | null;
  /** An answer to go on with, in place. */
  readonly unfinished: Message | null;
}

const notThere = () => new AppError('not_found', 'This conversation or message is not there.');

/**
 * Takes what a person says and starts the answer. Acknowledged only after COMMIT; the same `clientId` always
 * gets the same receipt and never a second answer.
 */
export class SendTurn {
  constructor(private readonly parts: SendParts) {}

  /** @throws {AppError} not_found, generation_running, no_models, model_not_found */
  async send(tenant: Tenant, person: UserId, request: SendRequest): Promise<SendReceipt> {
    const { sessions, bus } = this.parts;
    const before = await sessions.run(tenant.id, (stores) => this.receiptOf(stores, person, request.clientId));
    if (before !== null) return before;
    const model = await this.modelFor(tenant, person, request);
    const made = await sessions.run(tenant.id, async (stores) => {
      // A second tab may have sent the same id while we asked for the model.
      const twin = await this.receiptOf(stores, person, request.clientId);
      return twin === null
        ? await this.record(stores, person, request, model)
        : { receipt: twin, events: [], generation: null, seq: 0 };
    });
    if (made.generation === null) return made.receipt;
    announceConversation(bus, tenant.id, { id: made.generation.conversationId, seq: made.seq, events: made.events });
    announcePerson(bus, tenant.id, person, { kind: 'conversation-changed', conversation: made.receipt.conversation });
    this.parts.turns.start(tenant, made.generation);
    return made.receipt;
  }

  /** The model asked for, else the conversation's, else the tenant's default. */
  private async modelFor(tenant: Tenant, person: UserId, request: SendRequest): Promise<string> {
    const list = await this.parts.completions.models(tenant, person);
    const usable = list.models.filter(({ kind, available }) => kind === 'chat' && available).map(({ id }) => id);
    if (request.model !== undefined) {
      if (usable.includes(request.model)) return request.model;
      if (usable.length > 0)
        throw new AppError('model_not_found', `The model ${request.model} is not there for you.`, { field: 'model' });
    }
    const kept = await this.keptModel(tenant, person, request);
    const chosen = [kept, list.defaultModel, usable[0]].find(
      (id) => id !== null && id !== undefined && usable.includes(id),
    );
    if (chosen === undefined || chosen === null)
      throw new AppError(
        'no_models',
        list.problem?.message ?? 'No model can be reached.',
        list.problem === null ? {} : { action: list.problem.action },
      );
    return chosen;
  }

  private async keptModel(tenant: Tenant, person: UserId, { intent }: SendRequest): Promise<string | null> {
    return this.parts.sessions.run(tenant.id, async ({ conversations }) => {
      if (intent.kind === 'say')
        return intent.conversationId === null
          ? null
          : ((await conversations.find(person, conversationId(intent.conversationId)))?.model ?? null);
      const message = await conversations.findMessage(person, messageId(intent.messageId));
      if (message === null) throw notThere();
      return message.answer?.model ?? (await conversations.find(person, message.conversationId))?.model ?? null;
    });
  }

  private async record(stores: ChatStores, person: UserId, request: SendRequest, model: string) {
    const place = await this.placeOf(stores, person, request, model);
    // After the question was dated: messages are shown in the order of their dates.
    const now = this.parts.clock.now();
    const { conversations, generations } = stores;
    if (place.isNew) await conversations.create(place.conversation);
    if (place.userMessage !== null) await conversations.addMessage(place.userMessage);
    const answerId = place.unfinished?.id ?? messageId(this.parts.ids.next());
    if (place.unfinished === null)
      await conversations.addMessage({
        id: answerId,
        conversationId: place.conversation.id,
        parentId: place.askedId,
        role: 'assistant',
        text: '',
        createdAt: now,
        answer: null,
        feedback: null,
      });
    const generation: Generation = {
      id: generationId(this.parts.ids.next()),
      conversationId: place.conversation.id,
      messageId: answerId,
      userMessageId: place.userMessage?.id ?? null,
      clientId: request.clientId,
      personId: person,
      status: 'running',
      epoch: 0,
      seq: 0,
      model,
      stopRequestedAt: null,
    };
    await generations.create(generation, this.parts.bootId, now);
    await conversations.change(place.conversation.id, { model, activeLeafId: answerId }, now);
    const receipt = await this.receiptOf(stores, person, request.clientId);
    if (receipt === null) throw new AppError('internal', 'The turn was not recorded.');
    const events: ConversationEvent[] = [
      ...(receipt.userMessage === null ? [] : [{ kind: 'message-added' as const, message: receipt.userMessage }]),
      {
        kind: place.unfinished === null ? ('message-added' as const) : ('message-changed' as const),
        message: receipt.answer,
      },
      { kind: 'conversation-changed', conversation: receipt.conversation },
    ];
    const seq = await conversations.appendEvents(place.conversation.id, events, now);
    return { receipt, events, generation, seq };
  }

  private async placeOf(stores: ChatStores, person: UserId, { intent }: SendRequest, model: string): Promise<Place> {
    switch (intent.kind) {
      case 'say': {
        if (intent.conversationId === null) return this.newConversation(person, intent.text, model);
        const conversation = await stores.conversations.lock(person, conversationId(intent.conversationId));
        if (conversation === null) throw notThere();
        const parentId =
          intent.parentId === null ? null : await this.inConversation(stores, person, intent.parentId, conversation);
        return this.withMessage(conversation, parentId, intent.text);
      }
      case 'edit': {
        const { message, conversation } = await this.existing(stores, person, intent.messageId);
        if (message.role !== 'user')
          throw new AppError('bad_request', 'Only messages of your own can be edited.', { field: 'intent.messageId' });
        return this.withMessage(conversation, message.parentId, intent.text);
      }
      case 'regenerate': {
        const { message, conversation } = await this.existing(stores, person, intent.messageId);
        if (message.role !== 'assistant')
          throw new AppError('bad_request', 'Only answers can be written anew.', { field: 'intent.messageId' });
        return { conversation, isNew: false, userMessage: null, askedId: message.parentId, unfinished: null };
      }
      case 'continue': {
        const { message, conversation } = await this.existing(stores, person, intent.messageId);
        if (message.answer === null)
          throw new AppError('bad_request', 'Only answers can be continued.', { field: 'intent.messageId' });
        if (message.answer.status === 'running')
          throw new AppError('generation_running', 'This answer is still being written.');
        if (message.answer.status === 'complete') throw new AppError('conflict', 'This answer is complete.');
        return { conversation, isNew: false, userMessage: null, askedId: message.parentId, unfinished: message };
      }
    }
  }

  private newConversation(person: UserId, text: string, model: string): Place {
    const now = this.parts.clock.now();
    const conversation: Conversation = {
      id: conversationId(this.parts.ids.next()),
      personId: person,
      title: titleOf(text),
      pinned: false,
      model,
      activeLeafId: null,
      createdAt: now,
      updatedAt: now,
      running: true,
      eventSeq: 0,
    };
    return { ...this.withMessage(conversation, null, text), isNew: true };
  }

  private withMessage(conversation: Conversation, parentId: MessageId | null, text: string): Place {
    const userMessage: Message = {
      id: messageId(this.parts.ids.next()),
      conversationId: conversation.id,
      parentId,
      role: 'user',
      text,
      createdAt: this.parts.clock.now(),
      answer: null,
      feedback: null,
    };
    return { conversation, isNew: false, userMessage, askedId: userMessage.id, unfinished: null };
  }

  private async inConversation(
    stores: ChatStores,
    person: UserId,
    id: string,
    conversation: Conversation,
  ): Promise<MessageId> {
    const message = await stores.conversations.findMessage(person, messageId(id));
    if (message?.conversationId !== conversation.id) throw notThere();
    return message.id;
  }

  private async existing(
    stores: ChatStores,
    person: UserId,
    id: string,
  ): Promise<{ message: Message; conversation: Conversation }> {
    const found = await stores.conversations.findMessage(person, messageId(id));
    const conversation = found === null ? null : await stores.conversations.lock(person, found.conversationId);
    // Read again under the lock: somebody may have continued it meanwhile.
    const message = conversation === null ? null : await stores.conversations.findMessage(person, messageId(id));
    if (message === null || conversation === null) throw notThere();
    return { message, conversation };
  }

  private async receiptOf(stores: ChatStores, person: UserId, clientId: string): Promise<SendReceipt | null> {
    const generation = await stores.generations.findByClientId(person, clientId);
    if (generation === null) return null;
    const conversation = await stores.conversations.find(person, generation.conversationId);
    const answer = await stores.conversations.findMessage(person, generation.messageId);
    const userMessage =
      generation.userMessageId === null
        ? null
        : await stores.conversations.findMessage(person, generation.userMessageId);
    if (conversation === null || answer === null) return null;
    return {
      clientId,
      conversation: toConversationView(conversation),
      userMessage: userMessage === null ? null : toMessageView(userMessage),
      answer: toMessageView(answer),
      generationId: generation.id,
      epoch: generation.epoch,
    };
  }
}
