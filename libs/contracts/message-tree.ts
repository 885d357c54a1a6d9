/** What the tree needs of a message. */
interface Node {
  readonly id: string;
  readonly parentId: string | null;
  readonly createdAt: string;
}

function byAge<Message extends Node>(first: Message, second: Message): number {
  return first.createdAt < second.createdAt ? -1 : first.createdAt > second.createdAt ? 1 : 0;
}

/** All branches that start where `message` does, oldest first, itself among them. */
export function siblingsOf<Message extends Node>(messages: readonly Message[], message: Message): Message[] {
  return messages.filter((other) => other.parentId === message.parentId).toSorted(byAge);
}

/** The last message of the branch under `id`, taking the newest turn at each fork. */
export function leafUnder<Message extends Node>(messages: readonly Message[], id: string): string {
  const seen = new Set<string>();
  let leaf = id;
  while (!seen.has(leaf)) {
    seen.add(leaf);
    const parent = leaf;
    leaf =
      messages
        .filter((message) => message.parentId === parent)
        .toSorted(byAge)
        .at(-1)?.id ?? leaf;
  }
  return leaf;
}

/**
 * The branch on screen, first message first: up from `leafId`, and on to its end. Without a leaf, or with one that is
 * not there, the newest branch.
 */
export function activePath<Message extends Node>(messages: readonly Message[], leafId: string | null): Message[] {
  const byId = new Map(messages.map((message) => [message.id, message]));
  const newest = messages.toSorted(byAge).at(-1)?.id;
  const start = leafId !== null && byId.has(leafId) ? leafId : newest;
  if (start === undefined) return [];
  const path: Message[] = [];
  const seen = new Set<string>();
  let message = byId.get(leafUnder(messages, start));
  while (message !== undefined && !seen.has(message.id)) {
    seen.add(message.id);
    path.unshift(message);
    message = message.parentId === null ? undefined : byId.get(message.parentId);
  }
  return path;
}

/** `messages` with `message` in place of the one with its id, or at the end. */
export function withMessage<Message extends Node>(messages: readonly Message[], message: Message): Message[] {
  const known = messages.some((other) => other.id === message.id);
  if (!known) return [...messages, message];
  return messages.map((other) => (other.id === message.id ? message : other));
}
