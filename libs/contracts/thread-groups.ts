/** Heading of a group of threads; a month is its first day as `YYYY-MM-01`. */
export type ThreadGroupName = 'pinned' | 'today' | 'yesterday' | 'week' | { readonly month: string };

interface Thread {
  readonly pinned: boolean;
  readonly updatedAt: string;
}

/** A group of threads, newest first. */
export interface ThreadGroup<Item> {
  readonly name: ThreadGroupName;
  readonly threads: readonly Item[];
}

const dayMs = 86_400_000;

function groupName(thread: Thread, now: Date): ThreadGroupName {
  if (thread.pinned) return 'pinned';
  const at = new Date(thread.updatedAt);
  const midnight = new Date(now.getFullYear(), now.getMonth(), now.getDate());
  if (at >= midnight) return 'today';
  // Through the calendar, not by 24 hours: a day of a clock change has 23 or 25.
  if (at >= new Date(now.getFullYear(), now.getMonth(), now.getDate() - 1)) return 'yesterday';
  if (at.getTime() >= midnight.getTime() - 7 * dayMs) return 'week';
  return { month: `${at.getFullYear()}-${String(at.getMonth() + 1).padStart(2, '0')}-01` };
}

const keyOf = (name: ThreadGroupName): string => (typeof name === 'string' ? name : name.month);

/** Threads under the headings of the sidebar, in the reader's time zone. */
export function groupThreads<Item extends Thread>(threads: readonly Item[], now: Date): ThreadGroup<Item>[] {
  const groups = new Map<string, { name: ThreadGroupName; threads: Item[] }>();
  const sorted = threads.toSorted((first, second) => {
    if (first.pinned !== second.pinned) return first.pinned ? -1 : 1;
    return Date.parse(second.updatedAt) - Date.parse(first.updatedAt);
  });
  for (const thread of sorted) {
    const name = groupName(thread, now);
    const group = groups.get(keyOf(name)) ?? { name, threads: [] };
    group.threads.push(thread);
    groups.set(keyOf(name), group);
  }
  return [...groups.values()];
}
