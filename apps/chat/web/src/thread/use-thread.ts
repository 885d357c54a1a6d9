import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { MessageView } from '#libs/contracts/chat-views.js';
import { activePath } from '#libs/contracts/message-tree.js';
import { connection } from '../realtime/connection.js';
import { useOutbox, type PendingTurn } from '../realtime/outbox.js';
import { readConversation } from '../threads/thread-cache.js';
import { markRead } from '../threads/unread.js';

/** A conversation on screen: read once, then kept true by its events; running answers are followed. */
export function useThread(conversationId: string | null) {
  const query = useQuery({
    queryKey: ['conversation', conversationId],
    queryFn: ({ signal }) => readConversation(conversationId ?? '', signal),
    enabled: conversationId !== null,
    // Its events keep it fresh while it is open; what was closed is read anew.
    staleTime: 0,
    refetchOnWindowFocus: false,
  });
  const detail = query.data;
  const seq = detail?.seq;
  const read = detail?.read;
  useEffect(() => {
    if (conversationId === null || seq === undefined) return;
    return connection.follow(conversationId, seq);
    // Each reading starts anew: a reply may be older than the events that came before it.
  }, [conversationId, seq, read]);
  useEffect(() => {
    for (const message of detail?.messages ?? []) connection.followAnswer(message);
  }, [detail]);
  useEffect(() => {
    if (conversationId !== null) markRead(conversationId);
  }, [conversationId]);
  return query;
}

interface ThreadView {
  readonly messages: readonly MessageView[];
  readonly path: readonly MessageView[];
  readonly pending: readonly PendingTurn[];
  /** The answer being written on this branch. */
  readonly running: MessageView | undefined;
  readonly idle: boolean;
}

const none: readonly MessageView[] = [];

/** What of it is on screen. */
export function useThreadView(conversationId: string | null, detail: ReturnType<typeof useThread>['data']): ThreadView {
  const pending = useOutbox().filter((turn) => turn.conversationId === conversationId);
  const messages = detail?.messages ?? none;
  const path = activePath(messages, detail?.conversation.activeLeafId ?? null);
  const running = messages.findLast((message) => message.answer?.status === 'running');
  const idle = running === undefined && pending.every((turn) => turn.error !== null);
  return { messages, path, pending, running, idle };
}
