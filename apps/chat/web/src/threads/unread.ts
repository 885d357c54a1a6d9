import { useSyncExternalStore } from 'react';

let unread: ReadonlySet<string> = new Set();
const listeners = new Set<() => void>();

function change(next: ReadonlySet<string>): void {
  unread = next;
  for (const listener of listeners) listener();
}

/** An answer ended in a thread that was not on screen. */
export function markUnread(conversationId: string): void {
  change(new Set([...unread, conversationId]));
}

export function markRead(conversationId: string): void {
  if (unread.has(conversationId)) change(new Set([...unread].filter((id) => id !== conversationId)));
}

export function useUnread(): ReadonlySet<string> {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => unread,
  );
}
