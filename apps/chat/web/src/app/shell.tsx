import { PanelLeft } from 'lucide-react';
import { useEffect, useMemo, useState } from 'react';
import { Sheet } from '#libs/ui/dialog.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { navigate, usePath } from '#libs/ui/router.js';
import { useText } from '#libs/ui/use-text.js';
import { SecurityPage } from '../account/security-page.js';
import { connection } from '../realtime/connection.js';
import { useConnected } from '../realtime/connection-state.js';
import { focusComposer } from '../thread/composer-focus.js';
import { ThreadPage } from '../thread/thread-page.js';
import { NotFound } from './not-found.js';
import { Palette } from './palette.js';
import { openShortcuts, useShortcuts } from './shortcuts.js';
import { ShortcutsDialog } from './shortcuts-dialog.js';
import { Sidebar } from './sidebar.js';
import { useNarrow } from './use-narrow.js';

const sidebarKey = 'whisper.sidebar';

function OfflineBar() {
  const { text } = useText();
  const connected = useConnected();
  return (
    <div role="status" className="shrink-0">
      {!connected && (
        <p className="bg-warning-soft px-4 py-1.5 text-center text-small text-warning" data-testid="offline-bar">
          {text('app.offline')}
        </p>
      )}
    </div>
  );
}

interface PageProps {
  readonly path: string;
  readonly leading: React.ReactNode;
}

/** The second is what the page was called before, and stands in bookmarks. */
const securityPaths = ['/account/security', '/account/sessions'];

function Page({ path, leading }: PageProps) {
  const threadId = /^\/c\/([0-9a-f-]{36})$/.exec(path)?.[1] ?? null;
  if (securityPaths.includes(path)) return <SecurityPage leading={leading} />;
  if (threadId === null && path !== '/') return <NotFound leading={leading} />;
  return <ThreadPage key={threadId ?? 'new'} conversationId={threadId} leading={leading} />;
}

/** Sidebar and page, with what floats above them. */
export function Shell() {
  const { text } = useText();
  const path = usePath();
  const narrow = useNarrow();
  const [wide, setWide] = useState(() => localStorage.getItem(sidebarKey) !== 'hidden');
  const [sheet, setSheet] = useState(false);
  const [palette, setPalette] = useState(false);
  useEffect(() => connection.start(), []);
  const shown = narrow ? sheet : wide;
  const toggle = (): void => {
    if (narrow) return setSheet(!sheet);
    localStorage.setItem(sidebarKey, wide ? 'hidden' : 'shown');
    setWide(!wide);
  };
  const shortcuts = useMemo(
    () => ({
      'mod+k': () => setPalette(true),
      'mod+shift+o': () => navigate('/'),
      'mod+b': () => setWide((before) => !before),
      '/': focusComposer,
      '?': openShortcuts,
    }),
    [],
  );
  useShortcuts(shortcuts);
  const sidebar = (
    <Sidebar
      currentId={/^\/c\/(.+)$/.exec(path)?.[1] ?? null}
      onCollapse={toggle}
      onSearch={() => {
        setSheet(false);
        setPalette(true);
      }}
      onOpen={() => setSheet(false)}
    />
  );
  return (
    <div className="flex h-dvh overflow-hidden">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:start-2 focus:top-2 focus:z-50 focus:rounded-control focus:bg-raised focus:px-3 focus:py-2"
      >
        {text('ui.skip')}
      </a>
      {narrow ? (
        <Sheet open={sheet} onClose={() => setSheet(false)} title={text('threads.title')}>
          {sidebar}
        </Sheet>
      ) : (
        wide && <aside className="flex w-66 shrink-0 flex-col border-e border-line bg-sunken">{sidebar}</aside>
      )}
      <div className="flex min-w-0 flex-1 flex-col pt-[env(safe-area-inset-top)]">
        <OfflineBar />
        <Page
          path={path}
          leading={
            !shown || narrow ? (
              <IconButton large={narrow} icon={PanelLeft} label={text('app.showSidebar')} onClick={toggle} />
            ) : null
          }
        />
      </div>
      <Palette open={palette} onClose={() => setPalette(false)} />
      <ShortcutsDialog />
    </div>
  );
}
