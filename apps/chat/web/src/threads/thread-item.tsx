import { Ellipsis, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import type { ConversationView } from '#libs/contracts/chat-views.js';
import { classNames } from '#libs/ui/class-names.js';
import { Menu, MenuItem } from '#libs/ui/menu.js';
import { Link } from '#libs/ui/router.js';
import { useText } from '#libs/ui/use-text.js';
import { changeThread, deleteThread } from './use-threads.js';

interface ThreadItemProps {
  readonly thread: ConversationView;
  readonly current: boolean;
  readonly unread: boolean;
  readonly onOpen: () => void;
}

function RenameField({ thread, onDone }: { readonly thread: ConversationView; readonly onDone: () => void }) {
  const { text } = useText();
  const [title, setTitle] = useState(thread.title);
  const field = useRef<HTMLInputElement>(null);
  // The person asked to type here.
  useEffect(() => {
    field.current?.focus();
    field.current?.select();
  }, []);
  const save = (): void => {
    const next = title.trim();
    onDone();
    if (next !== '' && next !== thread.title) void changeThread(thread, { title: next }, text);
  };
  return (
    <input
      ref={field}
      aria-label={text('threads.newTitle')}
      value={title}
      maxLength={200}
      onChange={(event) => setTitle(event.target.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && !event.nativeEvent.isComposing) save();
        if (event.key === 'Escape') onDone();
      }}
      className="h-9 w-full min-w-0 rounded-control border border-edge bg-raised px-2 text-body max-md:h-11"
    />
  );
}

/** One line of the sidebar. */
export function ThreadItem({ thread, current, unread, onOpen }: ThreadItemProps) {
  const { text } = useText();
  const [renaming, setRenaming] = useState(false);
  const asked = useRef(false);
  if (renaming) return <RenameField thread={thread} onDone={() => setRenaming(false)} />;
  return (
    <div
      className={classNames(
        'group flex h-9 items-center rounded-control transition-colors duration-150 max-md:h-11',
        current ? 'bg-hover' : 'hover:bg-hover',
      )}
    >
      <Link
        href={`/c/${thread.id}`}
        aria-current={current ? 'page' : undefined}
        onClick={onOpen}
        onDoubleClick={() => setRenaming(true)}
        className="flex h-full min-w-0 flex-1 items-center gap-2 rounded-control ps-2"
      >
        <span className={classNames('truncate', unread && 'font-semibold')} title={thread.title} dir="auto">
          {thread.title}
        </span>
        {thread.running && (
          <span className="size-2 shrink-0 animate-pulse rounded-full bg-accent-text">
            <span className="sr-only">{text('threads.running')}</span>
          </span>
        )}
        {unread && !thread.running && (
          <span className="size-2 shrink-0 rounded-full bg-accent-text">
            <span className="sr-only">{text('threads.unread')}</span>
          </span>
        )}
      </Link>
      <Menu
        onClosed={(event) => {
          if (!asked.current) return;
          asked.current = false;
          // The focus goes to the field instead.
          event.preventDefault();
          setRenaming(true);
        }}
        trigger={
          <button
            type="button"
            aria-label={text('threads.actions', { title: thread.title })}
            className={classNames(
              'me-1 inline-flex size-7 shrink-0 items-center justify-center rounded-control text-soft hover:text-text data-[state=open]:opacity-100',
              !current && 'md:opacity-0 md:group-focus-within:opacity-100 md:group-hover:opacity-100',
            )}
          >
            <Ellipsis size={16} aria-hidden />
          </button>
        }
      >
        <MenuItem icon={Pencil} onSelect={() => (asked.current = true)}>
          {text('threads.rename')}
        </MenuItem>
        <MenuItem
          icon={thread.pinned ? PinOff : Pin}
          onSelect={() => void changeThread(thread, { pinned: !thread.pinned }, text)}
        >
          {text(thread.pinned ? 'threads.unpin' : 'threads.pin')}
        </MenuItem>
        <MenuItem icon={Trash2} danger onSelect={() => void deleteThread(thread, text)}>
          {text('threads.delete')}
        </MenuItem>
      </Menu>
    </div>
  );
}
