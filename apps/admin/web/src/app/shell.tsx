import { ChevronsUpDown, LogOut, Menu as MenuIcon, MessageSquare } from 'lucide-react';
import { useState } from 'react';
import { boot } from '#libs/ui/boot.js';
import { classNames } from '#libs/ui/class-names.js';
import { Sheet } from '#libs/ui/dialog.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { Logo } from '#libs/ui/logo.js';
import { Menu, MenuItem, MenuLine } from '#libs/ui/menu.js';
import { PreferenceChoices } from '#libs/ui/preference-choices.js';
import { Link, usePath } from '#libs/ui/router.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { useTitle } from '#libs/ui/use-title.js';
import { api, queries } from './api.js';
import { adminPages } from './pages.js';

interface ShellProps {
  readonly pages: readonly string[];
  readonly name: string;
  readonly email: string;
}

function Account({ name, email }: Omit<ShellProps, 'pages'>) {
  const { text } = useText();
  const signOut = async (): Promise<void> => {
    try {
      await api('POST /api/sign-out');
    } catch {
      return showToast(text('app.actionFailed'));
    }
    queries.clear();
    queries.setQueryData(['me'], null);
  };
  return (
    <Menu
      align="start"
      side="top"
      trigger={
        <button
          type="button"
          aria-label={text('account.menu', { name })}
          data-testid="account-menu"
          className="flex h-11 w-full items-center gap-2.5 rounded-control px-2 text-start transition-colors duration-150 hover:bg-hover"
        >
          <span
            aria-hidden
            className="inline-flex size-7 shrink-0 items-center justify-center rounded-full bg-accent-soft text-small font-semibold text-accent-text"
          >
            {name.slice(0, 1).toUpperCase()}
          </span>
          <span className="min-w-0 flex-1 truncate">{name}</span>
          <ChevronsUpDown size={16} aria-hidden className="text-soft" />
        </button>
      }
    >
      <p className="truncate px-2 pt-1 text-small text-soft">{email}</p>
      <PreferenceChoices />
      <MenuLine />
      <MenuItem icon={MessageSquare} onSelect={() => location.assign(boot.chatUrl)}>
        {text('door.toChat')}
      </MenuItem>
      <MenuItem icon={LogOut} onSelect={() => void signOut()}>
        {text('account.signOut')}
      </MenuItem>
    </Menu>
  );
}

function Navigation({ pages, name, email, onOpen }: ShellProps & { readonly onOpen: () => void }) {
  const { text } = useText();
  const path = usePath();
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <div className="flex h-14 shrink-0 items-center gap-2.5 px-4">
        <Logo />
        <span className="min-w-0 flex-1 truncate font-semibold">{boot.branding.displayName}</span>
      </div>
      <nav aria-label={text('nav.label')} className="min-h-0 flex-1 overflow-y-auto px-2">
        <ul className="flex flex-col gap-px">
          {adminPages
            .filter((page) => pages.includes(page.id))
            .map((page) => (
              <li key={page.id}>
                <Link
                  href={page.path}
                  onClick={onOpen}
                  aria-current={page.path === path ? 'page' : undefined}
                  className={classNames(
                    'flex h-9 items-center gap-2.5 rounded-control px-2 transition-colors duration-150 max-md:h-11',
                    page.path === path ? 'bg-hover font-medium' : 'text-soft hover:bg-hover hover:text-text',
                  )}
                >
                  <page.icon size={16} aria-hidden />
                  {text(`nav.${page.id}`)}
                </Link>
              </li>
            ))}
        </ul>
      </nav>
      <div className="shrink-0 border-t border-line p-2">
        <Account name={name} email={email} />
      </div>
    </div>
  );
}

/** Navigation and page. */
export function Shell(props: ShellProps) {
  const { text } = useText();
  const path = usePath();
  const [sheet, setSheet] = useState(false);
  const page = adminPages.find((each) => each.path === path && props.pages.includes(each.id));
  const title = page === undefined ? text('notFound.title') : text(`nav.${page.id}`);
  useTitle(title);
  return (
    <div className="flex min-h-dvh">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:z-50 focus:rounded-control focus:bg-raised focus:px-3 focus:py-2"
      >
        {text('ui.skip')}
      </a>
      <aside className="sticky top-0 flex h-dvh w-58 shrink-0 flex-col border-e border-line bg-sunken max-md:hidden">
        <Navigation {...props} onOpen={() => undefined} />
      </aside>
      <Sheet open={sheet} onClose={() => setSheet(false)} title={text('nav.label')}>
        <Navigation {...props} onOpen={() => setSheet(false)} />
      </Sheet>
      <div className="flex min-w-0 flex-1 flex-col">
        <header className="sticky top-0 z-30 flex h-13 items-center gap-1 border-b border-line bg-page px-2 md:hidden">
          <IconButton large icon={MenuIcon} label={text('nav.open')} onClick={() => setSheet(true)} />
          <span className="truncate font-medium">{boot.branding.displayName}</span>
        </header>
        <main id="main" className="mx-auto w-full max-w-6xl flex-1 px-4 pt-6 pb-24 md:px-8">
          {page === undefined ? (
            <h1 className="text-display font-semibold">{text('notFound.title')}</h1>
          ) : (
            <page.Page key={page.id} />
          )}
        </main>
      </div>
    </div>
  );
}
