import { useInfiniteQuery } from '@tanstack/react-query';
import { navigate } from '#libs/ui/router.js';
import { showToast } from '#libs/ui/toasts.js';
import type { Text } from '#libs/ui/use-text.js';
import type { ConversationView } from '#libs/contracts/chat-views.js';
import { api } from '../app/api.js';
import { putThread, refetchThreads, removeThread } from './thread-cache.js';

const pageSize = 50;

/** The person's threads, page by page; with `search` those that match. */
export function useThreads(search = '') {
  return useInfiniteQuery({
    queryKey: ['conversations', search],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      api('GET /api/conversations', { query: { cursor: pageParam, search, limit: pageSize }, signal }),
    getNextPageParam: (page) => page.nextCursor ?? undefined,
  });
}

type ThreadChange = Partial<Pick<ConversationView, 'title' | 'pinned' | 'activeLeafId'>> & { readonly model?: string };

/** Changes a thread on screen at once, and back if the server refuses. */
export async function changeThread(thread: ConversationView, change: ThreadChange, text: Text): Promise<void> {
  putThread({ ...thread, ...change });
  const { activeLeafId, ...rest } = change;
  const body = typeof activeLeafId === 'string' ? { ...rest, activeLeafId } : rest;
  try {
    putThread(await api('PATCH /api/conversations/:id', { params: { id: thread.id }, body }));
  } catch {
    putThread(thread);
    showToast(text('threads.changeFailed'));
  }
}

async function restoreThread(thread: ConversationView, text: Text): Promise<void> {
  try {
    putThread(await api('POST /api/conversations/:id/restore', { params: { id: thread.id } }));
  } catch {
    showToast(text('threads.restoreFailed'));
  }
}

/** Deletes a thread; the toast can take that back for 8 s. */
export async function deleteThread(thread: ConversationView, text: Text): Promise<void> {
  removeThread(thread.id);
  if (location.pathname === `/c/${thread.id}`) navigate('/');
  try {
    await api('DELETE /api/conversations/:id', { params: { id: thread.id } });
    showToast(text('threads.deleted', { title: thread.title }), () => void restoreThread(thread, text));
  } catch {
    await refetchThreads();
    showToast(text('threads.deleteFailed'));
  }
}
