import type { ConversationEvent } from '#libs/contracts/chat-events.js';
import type { ConversationId, GenerationId, MessageId, UserId } from '#libs/kernel/ids.js';
import type { Conversation, Feedback, Generation, Message } from '../domain/conversation.js';
import type { EventRange, TurnState } from '../domain/turn.js';

export interface ConversationPage {
  readonly person: UserId;
  /** Words to find in title or text, or null. */
  readonly search: string | null;
  readonly cursor: string | null;
  readonly limit: number;
}

export interface ConversationChange {
  readonly title?: string;
  readonly pinned?: boolean;
  readonly model?: string;
  readonly activeLeafId?: MessageId;
}

/** Conversations and messages. Every method answers only for `person`'s own; another's are simply not there. */
export abstract class ConversationStore {
  abstract page(
    query: ConversationPage,
  ): Promise<{ readonly items: readonly Conversation[]; readonly nextCursor: string | null }>;
  abstract find(person: UserId, id: ConversationId): Promise<Conversation | null>;
  /** Locks the conversation until the end of the transaction, so that its events are numbered without a gap. */
  abstract lock(person: UserId, id: ConversationId): Promise<Conversation | null>;
  abstract create(conversation: Conversation): Promise<void>;
  /** `at` moves it to the top of the list; null leaves its place. */
  abstract change(id: ConversationId, change: ConversationChange, at: Date | null): Promise<void>;
  abstract setDeleted(person: UserId, id: ConversationId, deletedAt: Date | null): Promise<boolean>;
  /** Removes for good what was deleted before `before`. */
  abstract purge(before: Date): Promise<number>;
  abstract messages(id: ConversationId): Promise<readonly Message[]>;
  abstract findMessage(person: UserId, id: MessageId): Promise<Message | null>;
  abstract addMessage(message: Message): Promise<void>;
  abstract setText(id: MessageId, text: string): Promise<void>;
  abstract rate(person: UserId, id: MessageId, feedback: Feedback | null, at: Date): Promise<void>;
  /** Appends to the conversation's log. @returns the number of the newest event */
  abstract appendEvents(id: ConversationId, events: readonly ConversationEvent[], at: Date): Promise<number>;
  /** The events after `after`, or null where some of them are gone. */
  abstract eventsAfter(id: ConversationId, after: number): Promise<readonly ConversationEvent[] | null>;
}

/** Generations and their event log. */
export abstract class GenerationStore {
  abstract findByClientId(person: UserId, clientId: string): Promise<Generation | null>;
  abstract find(person: UserId, id: GenerationId): Promise<Generation | null>;
  abstract create(generation: Generation, owner: string, at: Date): Promise<void>;
  abstract appendEvents(id: GenerationId, range: EventRange): Promise<void>;
  /** Ranges with events from `after` on, in order. */
  abstract eventsFrom(id: GenerationId, epoch: number, after: number): Promise<readonly EventRange[]>;
  /** Says that its writer lives. @returns whether it should stop: asked to, or no longer ours */
  abstract beat(id: GenerationId, epoch: number, at: Date): Promise<{ readonly stop: boolean }>;
  /** @returns false when it was not running any more */
  abstract requestStop(person: UserId, id: GenerationId, at: Date): Promise<boolean>;
  /** Writes how it ended. @returns false when somebody else had ended this epoch before */
  abstract finish(
    id: GenerationId,
    end: { readonly epoch: number; readonly seq: number; readonly state: TurnState },
  ): Promise<boolean>;
  /** The state as it was written at the end. Text comes from the message. */
  abstract endState(id: GenerationId): Promise<TurnState | null>;
  /** Running ones whose writer is gone: of another owner with no beat since `before`. Locked for this transaction. */
  abstract orphans(owner: string, before: Date): Promise<readonly Generation[]>;
  /** Removes the events of generations that ended before `before`. */
  abstract expireEvents(before: Date): Promise<number>;
}

export interface ChatStores {
  readonly conversations: ConversationStore;
  readonly generations: GenerationStore;
}
