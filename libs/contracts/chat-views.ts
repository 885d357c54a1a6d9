import { z } from 'zod';

export const TokenUsage = z.object({
  promptTokens: z.int(),
  completionTokens: z.int(),
  costMicroUsd: z.int().describe('Millionths of a US dollar.'),
  estimated: z.boolean().describe('Counted by us because the backend did not say.'),
});
export type TokenUsage = z.infer<typeof TokenUsage>;

/** How an answer ended, or that it has not. */
export const AnswerStatus = z.enum(['running', 'complete', 'stopped', 'interrupted', 'failed']);
export type AnswerStatus = z.infer<typeof AnswerStatus>;

/** Something the reader should know about an answer, shown in one line under it. */
export const TurnNotice = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('retried') }),
  z.object({ kind: z.literal('fallback'), fromModel: z.string(), toModel: z.string() }),
  z.object({ kind: z.literal('continued') }),
]);
export type TurnNotice = z.infer<typeof TurnNotice>;

export const AnswerError = z.object({
  code: z.string(),
  message: z.string(),
  action: z.string(),
  retryable: z.boolean(),
  retryAt: z.iso.datetime().optional().describe('When a limit ends.'),
});
export type AnswerError = z.infer<typeof AnswerError>;

/** What an answer knows beside its text. */
export const AnswerDetails = z.object({
  status: AnswerStatus,
  model: z.string(),
  demo: z.boolean().describe('Written by the demo responder, not by a model.'),
  generationId: z.uuid(),
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
  finishReason: z.string().nullable(),
  usage: TokenUsage.nullable(),
  notices: z.array(TurnNotice),
  error: AnswerError.nullable(),
  firstTokenMs: z.int().nullable(),
});
export type AnswerDetails = z.infer<typeof AnswerDetails>;

export const FeedbackView = z.object({ rating: z.enum(['up', 'down']), comment: z.string().max(2_000).nullable() });

/** One node of a conversation's tree: `parentId` is the message it answers or follows. */
export const MessageView = z.object({
  id: z.uuid(),
  conversationId: z.uuid(),
  parentId: z.uuid().nullable(),
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  createdAt: z.iso.datetime(),
  answer: AnswerDetails.nullable().describe('Set on messages of the assistant.'),
  feedback: FeedbackView.nullable(),
});
export type MessageView = z.infer<typeof MessageView>;

export const ConversationView = z.object({
  id: z.uuid(),
  title: z.string(),
  pinned: z.boolean(),
  model: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  activeLeafId: z.uuid().nullable().describe('Last message of the branch on screen.'),
  running: z.boolean().describe('An answer is being written.'),
});
export type ConversationView = z.infer<typeof ConversationView>;

/** A conversation with all its branches; `seq` is the event it stands at. */
export const ConversationDetail = z.object({
  conversation: ConversationView,
  messages: z.array(MessageView),
  seq: z.int(),
});
export type ConversationDetail = z.infer<typeof ConversationDetail>;

export const ModelView = z.object({
  id: z.string(),
  backend: z.string(),
  kind: z.enum(['chat', 'embeddings']),
  demo: z.boolean(),
  contextTokens: z.int().nullable(),
  available: z.boolean(),
});
export type ModelView = z.infer<typeof ModelView>;

/**
 * The models a tenant may use; when none is available, `problem` says why and what to do. The demo responder is
 * no model: it may stand in the list beside a problem.
 */
export const ModelList = z.object({
  models: z.array(ModelView),
  defaultModel: z.string().nullable(),
  problem: z.object({ message: z.string(), action: z.string() }).nullable(),
});
export type ModelList = z.infer<typeof ModelList>;
