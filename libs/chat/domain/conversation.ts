import type { ConversationId, GenerationId, MessageId, UserId } from '#libs/kernel/ids.js';
import type { AnswerStatus, Notice, TurnFault, Usage } from './turn.js';

export interface Conversation {
  readonly id: ConversationId;
  readonly personId: UserId;
  readonly title: string;
  readonly pinned: boolean;
  readonly model: string | null;
  readonly activeLeafId: MessageId | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
  readonly running: boolean;
  /** Number of the newest event of its log. */
  readonly eventSeq: number;
}

/** What an answer knows beside its text; of the newest generation that wrote it. */
export interface Answer {
  readonly generationId: GenerationId;
  readonly status: AnswerStatus;
  readonly model: string;
  readonly demo: boolean;
  readonly startedAt: Date;
  readonly endedAt: Date | null;
  readonly finishReason: string | null;
  readonly usage: Usage | null;
  readonly notices: readonly Notice[];
  readonly error: TurnFault | null;
  readonly firstTokenMs: number | null;
}

export interface Feedback {
  readonly rating: 'up' | 'down';
  readonly comment: string | null;
}

export interface Message {
  readonly id: MessageId;
  readonly conversationId: ConversationId;
  readonly parentId: MessageId | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly createdAt: Date;
  readonly answer: Answer | null;
  readonly feedback: Feedback | null;
}

export interface Generation {
  readonly id: GenerationId;
  readonly conversationId: ConversationId;
  readonly messageId: MessageId;
  readonly userMessageId: MessageId | null;
  readonly clientId: string;
  readonly personId: UserId;
  readonly status: AnswerStatus;
  readonly epoch: number;
  readonly seq: number;
  readonly model: string;
  readonly stopRequestedAt: Date | null;
}

const titleLength = 60;

/** A title for a new conversation: the first line of what was said, cut at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split(/\r?\n/, 1)[0]?.replace(/\s+/g, ' ').trim() ?? '';
  if (line.length <= titleLength) return line === '' ? '…' : line;
  const cut = line.slice(0, titleLength);
  const word = cut.lastIndexOf(' ');
  return `${cut.slice(0, word > titleLength / 2 ? word : titleLength).trimEnd()}…`;
}

/**
 * The messages from the root to `leaf`, oldest first.
 * Ends early where a parent is missing, and never runs in a circle.
 */
export function pathTo(leaf: MessageId | null, messages: ReadonlyMap<MessageId, Message>): readonly Message[] {
  const path: Message[] = [];
  for (let id = leaf; id !== null && path.length <= messages.size;) {
    const message = messages.get(id);
    if (message === undefined) break;
    path.unshift(message);
    id = message.parentId;
  }
  return path;
}
