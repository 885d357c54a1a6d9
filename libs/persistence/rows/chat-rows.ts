import type { Answer, Conversation, Generation, Message } from '#libs/chat/domain/conversation.js';
import type { AnswerStatus, Notice, TurnFault, Usage } from '#libs/chat/domain/turn.js';
import { conversationId, generationId, messageId, userId } from '#libs/kernel/ids.js';

export interface ConversationRow {
  readonly id: string;
  readonly person_id: string;
  readonly title: string;
  readonly pinned: boolean;
  readonly model: string | null;
  readonly active_leaf_id: string | null;
  readonly event_seq: number;
  readonly created_at: Date;
  readonly updated_at: Date;
  /** `updated_at` with all its digits: a Date has only milliseconds, and a cursor must not skip a row. */
  readonly updated_key: string;
  readonly running: boolean;
}

export const selectConversation = `select c.id, c.person_id, c.title, c.pinned, c.model, c.active_leaf_id, c.event_seq, c.created_at, c.updated_at,
    c.updated_at::text as updated_key,
    exists (select 1 from generation g where g.conversation_id = c.id and g.status = 'running') as running
  from conversation c`;

export function fromConversationRow(row: ConversationRow): Conversation {
  return {
    id: conversationId(row.id),
    personId: userId(row.person_id),
    title: row.title,
    pinned: row.pinned,
    model: row.model,
    activeLeafId: row.active_leaf_id === null ? null : messageId(row.active_leaf_id),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    running: row.running,
    eventSeq: row.event_seq,
  };
}

export interface MessageRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly parent_id: string | null;
  readonly role: 'user' | 'assistant';
  readonly text: string;
  readonly created_at: Date;
  readonly rating: 'up' | 'down' | null;
  readonly comment: string | null;
  readonly generation_id: string | null;
  readonly status: AnswerStatus;
  readonly answer_model: string;
  readonly demo: boolean;
  readonly started_at: Date;
  readonly ended_at: Date | null;
  readonly finish_reason: string | null;
  readonly usage: Usage | null;
  readonly notices: readonly Notice[];
  readonly error: TurnFault | null;
  readonly first_token_ms: number | null;
}

/** A message with its feedback and the newest generation that wrote it. */
export const selectMessage = `select m.id, m.conversation_id, m.parent_id, m.role, m.text, m.created_at, f.rating, f.comment,
    g.id as generation_id, g.status, g.model as answer_model, g.demo, g.started_at, g.ended_at, g.finish_reason, g.usage, g.notices, g.error, g.first_token_ms
  from message m
  left join feedback f on f.message_id = m.id
  left join lateral (select * from generation where generation.message_id = m.id order by started_at desc, id desc limit 1) g on true`;

function answerOf(row: MessageRow): Answer | null {
  if (row.generation_id === null) return null;
  return {
    generationId: generationId(row.generation_id),
    status: row.status,
    model: row.answer_model,
    demo: row.demo,
    startedAt: row.started_at,
    endedAt: row.ended_at,
    finishReason: row.finish_reason,
    usage: row.usage,
    notices: row.notices,
    error: row.error,
    firstTokenMs: row.first_token_ms,
  };
}

export function fromMessageRow(row: MessageRow): Message {
  return {
    id: messageId(row.id),
    conversationId: conversationId(row.conversation_id),
    parentId: row.parent_id === null ? null : messageId(row.parent_id),
    role: row.role,
    text: row.text,
    createdAt: row.created_at,
    answer: answerOf(row),
    feedback: row.rating === null ? null : { rating: row.rating, comment: row.comment },
  };
}

export interface GenerationRow {
  readonly id: string;
  readonly conversation_id: string;
  readonly message_id: string;
  readonly user_message_id: string | null;
  readonly client_id: string;
  readonly person_id: string;
  readonly status: AnswerStatus;
  readonly epoch: number;
  readonly seq: number;
  readonly model: string;
  readonly stop_requested_at: Date | null;
}

export const selectGeneration = `select g.id, g.conversation_id, g.message_id, g.user_message_id, g.client_id, g.person_id, g.status, g.epoch, g.seq, g.model, g.stop_requested_at from generation g`;

export function fromGenerationRow(row: GenerationRow): Generation {
  return {
    id: generationId(row.id),
    conversationId: conversationId(row.conversation_id),
    messageId: messageId(row.message_id),
    userMessageId: row.user_message_id === null ? null : messageId(row.user_message_id),
    clientId: row.client_id,
    personId: userId(row.person_id),
    status: row.status,
    epoch: row.epoch,
    seq: row.seq,
    model: row.model,
    stopRequestedAt: row.stop_requested_at,
  };
}
