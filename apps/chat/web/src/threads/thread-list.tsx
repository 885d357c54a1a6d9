import { useEffect, useRef } from 'react';
import type { ConversationView } from '#libs/contracts/chat-views.js';
import { groupThreads, type ThreadGroup, type ThreadGroupName } from '#libs/contracts/thread-groups.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText, type Text } from '#libs/ui/use-text.js';
import { ThreadItem } from './thread-item.js';
import { useUnread } from './unread.js';
import { useThreads } from './use-threads.js';

function groupTitle(name: ThreadGroupName, text: Text, locale: string): string {
  if (typeof name === 'string') return text(`threads.group.${name}`);
  const month = new Date(`${name.month}T00:00:00`);
  return new Intl.DateTimeFormat(locale, { month: 'long', year: 'numeric' }).format(month);
}

function groupsToday(threads: readonly ConversationView[]): ThreadGroup<ConversationView>[] {
  return groupThreads(threads, new Date());
}

/** Calls `onReach` when its place comes into view. */
function ListEnd({ onReach }: { readonly onReach: () => void }) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const element = mark.current;
    if (element === null) return;
    const observer = new IntersectionObserver((entries) => {
      if (entries.some((entry) => entry.isIntersecting)) onReach();
    });
    observer.observe(element);
    return () => observer.disconnect();
  });
  return (
    <div ref={mark} className="p-2">
      <Skeleton className="h-5" />
    </div>
  );
}

const placeholderWidths = ['w-4/5', 'w-3/5', 'w-2/3', 'w-1/2', 'w-3/4', 'w-2/5'];

interface ThreadListProps {
  readonly currentId: string | null;
  readonly onOpen: () => void;
}

/** The threads of the sidebar under their headings. */
export function ThreadList({ currentId, onOpen }: ThreadListProps) {
  const { text, locale } = useText();
  const unread = useUnread();
  const threads = useThreads();
  if (threads.isPending)
    return (
      <div className="flex flex-col gap-4 p-2 pt-6">
        {placeholderWidths.map((width) => (
          <Skeleton key={width} className={`h-4 ${width}`} />
        ))}
      </div>
    );
  if (threads.isError) return <ErrorNotice error={threads.error} onRetry={() => void threads.refetch()} />;
  const items = threads.data.pages.flatMap((page) => page.items);
  if (items.length === 0) return <p className="px-2 py-6 text-small text-soft">{text('threads.empty')}</p>;
  return (
    <>
      {groupsToday(items).map(({ name, threads: group }) => {
        const title = groupTitle(name, text, locale);
        return (
          <section key={title} aria-label={title} className="pb-3">
            <h2 className="px-2 pt-2 pb-1 text-small text-soft">{title}</h2>
            <ul className="flex flex-col gap-px">
              {group.map((thread) => (
                <li key={thread.id}>
                  <ThreadItem
                    thread={thread}
                    current={thread.id === currentId}
                    unread={unread.has(thread.id)}
                    onOpen={onOpen}
                  />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
      {threads.hasNextPage && !threads.isFetchingNextPage && <ListEnd onReach={() => void threads.fetchNextPage()} />}
    </>
  );
}
