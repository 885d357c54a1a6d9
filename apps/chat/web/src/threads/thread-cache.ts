import type { InfiniteData } from '@tanstack/react-query';
import type { z } from 'zod';
import type { ConversationEvent, PersonEvent, SendReceipt } from '#libs/contracts/chat-events.js';
import type { ConversationDetail, ConversationView, MessageView } from '#libs/contracts/chat-views.js';
import { withMessage } from '#libs/contracts/message-tree.js';
import { api, queries } from '../app/api.js';
import { markUnread } from './unread.js';

export interface ThreadPage {
  readonly items: ConversationView[];
  readonly nextCursor: string | null;
}
/** A conversation as it was read for the `read`-th time, with the events since then. */
interface Detail extends z.infer<typeof ConversationDetail> {
  readonly read: number;
}
type ThreadPages = InfiniteData<ThreadPage, string | undefined>;

export const threadsKey = ['conversations', ''] as const;
const detailKey = (conversationId: string) => ['conversation', conversationId] as const;

export function cachedConversation(conversationId: string): Detail | undefined {
  return queries.getQueryData<Detail>(detailKey(conversationId));
}

function changeDetail(conversationId: string, change: (detail: Detail) => Detail): void {
  queries.setQueryData<Detail>(detailKey(conversationId), (detail) =>
    detail === undefined ? undefined : change(detail),
  );
}

export function cachedThread(conversationId: string): ConversationView | undefined {
  const pages = queries.getQueryData<ThreadPages>(threadsKey)?.pages ?? [];
  return pages.flatMap((page) => page.items).find((thread) => thread.id === conversationId);
}

/** Puts a thread into the list, in place of its older self. */
export function putThread(thread: ConversationView): void {
  const before = cachedThread(thread.id);
  if (before?.running === true && !thread.running && location.pathname !== `/c/${thread.id}`) markUnread(thread.id);
  queries.setQueryData<ThreadPages>(threadsKey, (data) => {
    if (data === undefined) return undefined;
    const pages = data.pages.map((page, index) => {
      const rest = page.items.filter((item) => item.id !== thread.id);
      return { ...page, items: index === 0 ? [thread, ...rest] : rest };
    });
    return { ...data, pages };
  });
  changeDetail(thread.id, (detail) => ({ ...detail, conversation: thread }));
}

/** Takes a thread out of the list. */
export function removeThread(conversationId: string): void {
  queries.setQueryData<ThreadPages>(threadsKey, (data) => {
    if (data === undefined) return undefined;
    const pages = data.pages.map((page) => ({
      ...page,
      items: page.items.filter((item) => item.id !== conversationId),
    }));
    return { ...data, pages };
  });
}

/** Takes a thread out of the list and drops what was read of it. */
export function forgetThread(conversationId: string): void {
  removeThread(conversationId);
  queries.removeQueries({ queryKey: detailKey(conversationId) });
}

export function putMessage(message: MessageView): void {
  changeDetail(message.conversationId, (detail) => ({ ...detail, messages: withMessage(detail.messages, message) }));
}

/** Applies what happened in a conversation to the cache; each event may come twice. */
export function applyConversationEvent(event: ConversationEvent | PersonEvent): void {
  switch (event.kind) {
    case 'message-added':
    case 'message-changed':
      return putMessage(event.message);
    case 'conversation-changed':
      return putThread(event.conversation);
    case 'conversation-removed':
      return forgetThread(event.conversationId);
    case 'models-changed':
      return;
  }
}

/** The turn as the server stored it. A conversation it started is known from its first event on. */
export function mergeReceipt(receipt: SendReceipt): void {
  const { conversation, userMessage, answer } = receipt;
  const added = userMessage === null ? [answer] : [userMessage, answer];
  queries.setQueryData<Detail>(detailKey(conversation.id), (detail) => {
    const messages = added.reduce<MessageView[]>(withMessage, detail?.messages ?? []);
    // Sent again after a lost receipt, the answer may be further than this receipt knows.
    return {
      conversation: { ...conversation, activeLeafId: answer.id },
      messages,
      seq: detail?.seq ?? 0,
      read: detail?.read ?? 0,
    };
  });
  putThread({ ...conversation, activeLeafId: answer.id });
}

let reads = 0;

/** Reads a conversation. Whoever follows it starts again at its `seq`, so that no event is lost to a late reply. */
export async function readConversation(conversationId: string, signal: AbortSignal): Promise<Detail> {
  const detail = await api('GET /api/conversations/:id', { params: { id: conversationId }, signal });
  reads += 1;
  return { ...detail, read: reads };
}

export async function refetchConversation(conversationId: string): Promise<void> {
  await queries.invalidateQueries({ queryKey: detailKey(conversationId) });
}

export async function refetchThreads(): Promise<void> {
  await queries.invalidateQueries({ queryKey: ['conversations'] });
}
