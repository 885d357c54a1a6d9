import { PanelLeft, Search, SquarePen } from 'lucide-react';
import { boot } from '#libs/ui/boot.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { Logo } from '#libs/ui/logo.js';
import { Link } from '#libs/ui/router.js';
import { useText } from '#libs/ui/use-text.js';
import { ThreadList } from '../threads/thread-list.js';
import { AccountMenu } from './account-menu.js';
import { shortcutKey } from './shortcuts.js';

interface SidebarProps {
  readonly currentId: string | null;
  readonly onCollapse: () => void;
  readonly onSearch: () => void;
  readonly onOpen: () => void;
}

const lineClasses =
  'flex h-9 items-center gap-2.5 rounded-control px-2 text-start transition-colors duration-150 hover:bg-hover max-md:h-11';

/** New chat, search, the threads, and the person. */
export function Sidebar({ currentId, onCollapse, onSearch, onOpen }: SidebarProps) {
  const { text } = useText();
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-13 shrink-0 items-center gap-2.5 ps-4 pe-2">
        <Logo />
        <span className="min-w-0 flex-1 truncate font-semibold">{boot.branding.displayName}</span>
        <IconButton icon={PanelLeft} label={text('app.hideSidebar')} onClick={onCollapse} />
      </div>
      <div className="flex shrink-0 flex-col px-2 pb-2">
        <Link href="/" onClick={onOpen} className={lineClasses} data-testid="new-chat">
          <SquarePen size={16} aria-hidden className="text-soft" />
          {text('app.newChat')}
        </Link>
        <button type="button" onClick={onSearch} className={lineClasses}>
          <Search size={16} aria-hidden className="text-soft" />
          <span className="flex-1">{text('app.search')}</span>
          <kbd aria-hidden className="font-sans text-small text-soft max-md:hidden">
            {shortcutKey} K
          </kbd>
        </button>
      </div>
      <nav
        aria-label={text('threads.title')}
        // A long list scrolls by keyboard too.
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2"
        data-testid="thread-list"
      >
        <ThreadList currentId={currentId} onOpen={onOpen} />
      </nav>
      <div className="shrink-0 border-t border-line p-2">
        <AccountMenu onOpen={onOpen} />
      </div>
    </div>
  );
}
