import { z } from 'zod';
import { ConversationDetail, ConversationView, FeedbackView, ModelList } from './chat-views.js';
import { SendReceipt, SendRequest } from './chat-events.js';
import { endpoint } from './endpoint.js';
import { IdParams, PageQuery, pageOf } from './paging.js';

export const listConversations = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/conversations',
  demands: 'own',
  summary: "The person's conversations: pinned first, then newest; with `search` by title and text",
  access: 'session',
  query: PageQuery.extend({ search: z.string().trim().max(200).optional() }),
  status: 200,
  reply: pageOf(ConversationView),
});

export const getConversation = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/conversations/:id',
  demands: 'own',
  summary: 'One conversation with all its messages',
  access: 'session',
  params: IdParams,
  status: 200,
  reply: ConversationDetail,
});

export const changeConversation = endpoint({
  face: 'chat',
  method: 'PATCH',
  path: '/api/conversations/:id',
  demands: 'own',
  summary: 'Rename, pin, choose the model or the branch on screen',
  access: 'session',
  params: IdParams,
  body: z.strictObject({
    title: z.string().trim().min(1).max(200).optional(),
    pinned: z.boolean().optional(),
    model: z.string().max(200).optional(),
    activeLeafId: z.uuid().optional(),
  }),
  status: 200,
  reply: ConversationView,
});

export const deleteConversation = endpoint({
  face: 'chat',
  method: 'DELETE',
  path: '/api/conversations/:id',
  demands: 'own',
  summary: 'Delete a conversation; it can be restored for a short time',
  access: 'session',
  params: IdParams,
  status: 204,
});

export const restoreConversation = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/conversations/:id/restore',
  demands: 'own',
  summary: 'Undo a deletion',
  access: 'session',
  params: IdParams,
  status: 200,
  reply: ConversationView,
});

export const rateMessage = endpoint({
  face: 'chat',
  method: 'PUT',
  path: '/api/messages/:id/feedback',
  demands: 'own',
  summary: 'Thumb an answer up or down, or take that back',
  access: 'session',
  params: IdParams,
  body: z.strictObject({ feedback: FeedbackView.nullable() }),
  status: 204,
});

export const listModels = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/models',
  demands: 'own',
  summary: 'Models to choose from',
  access: 'session',
  status: 200,
  reply: ModelList,
});

export const sendTurn = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/turns',
  demands: 'own',
  summary: 'Send a message, for clients without a socket; the same as the frame `send`',
  access: 'session',
  body: SendRequest,
  status: 202,
  reply: SendReceipt,
  errors: ['rate_limited', 'budget_exhausted', 'model_not_found', 'generation_running'],
});

export const stopGeneration = endpoint({
  face: 'chat',
  method: 'POST',
  path: '/api/generations/:id/stop',
  demands: 'own',
  summary: 'Stop an answer; the same as the frame `stop`',
  access: 'session',
  params: IdParams,
  status: 204,
});

export const followGeneration = endpoint({
  face: 'chat',
  method: 'GET',
  path: '/api/generations/:id/events',
  demands: 'own',
  summary: 'The events of an answer as SSE; `Last-Event-ID` (epoch.seq) resumes',
  access: 'session',
  params: IdParams,
  status: 200,
  replyType: 'text/event-stream',
});
