import { useEffect } from 'react';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { navigate, usePath, useSearch } from '#libs/ui/router.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { LinkPage } from '../sign-in/link-page.js';
import { SignInPage } from '../sign-in/sign-in-page.js';
import { TestedPage } from '../sign-in/tested-page.js';
import { openAdmin } from './account-menu.js';
import { Shell } from './shell.js';
import { useMe } from './use-me.js';

/** `/admin` on the organisation's own host leads to the admin pages, which have an origin of their own. */
function AdminDoor() {
  const [search] = useSearch();
  const to = search.get('to');
  useEffect(() => void openAdmin(() => navigate('/', { replace: true }), to), [to]);
  return <Frame />;
}

/** The frame of the page, before anything is known. */
function Frame() {
  return (
    <div className="frame" aria-hidden>
      <div className="frame-side" />
      <div className="frame-main">
        <div className="frame-composer" />
      </div>
    </div>
  );
}

/** One-time links and the sign-in page for everybody; the rest for those who are signed in. */
export function App() {
  const { text } = useText();
  const path = usePath();
  const usesLink = path === '/link';
  const isTest = path === '/sign-in/tested';
  const me = useMe(!usesLink && !isTest);
  const signedIn = me.data !== null && me.data !== undefined;
  const leaves = signedIn && path === '/sign-in';
  useEffect(() => {
    if (!leaves) return;
    // Whoever is signed in comes here with an error only from a proof that their provider did not give.
    if (new URLSearchParams(location.search).has('error')) showToast(text('ui.confirm.failed'));
    navigate('/', { replace: true });
  }, [leaves, text]);
  if (usesLink) return <LinkPage />;
  if (isTest) return <TestedPage />;
  if (me.isError)
    return (
      <main className="mx-auto flex min-h-dvh max-w-md flex-col justify-center p-6">
        <ErrorNotice error={me.error} onRetry={() => void me.refetch()} />
      </main>
    );
  // The frame of the page stands until the answer is there; it takes one round trip.
  if (me.isPending || leaves) return <Frame />;
  if (!signedIn) return <SignInPage />;
  return path === '/admin' && me.data?.mayAdmin === true ? <AdminDoor /> : <Shell />;
}
