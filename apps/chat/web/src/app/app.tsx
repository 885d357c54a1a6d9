import { useEffect } from 'react';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { navigate, usePath } from '#libs/ui/router.js';
import { LinkPage } from '../sign-in/link-page.js';
import { SignInPage } from '../sign-in/sign-in-page.js';
import { TestedPage } from '../sign-in/tested-page.js';
import { openAdmin } from './account-menu.js';
import { Shell } from './shell.js';
import { useMe } from './use-me.js';

/** `/admin` on the organisation's own host leads to the admin pages, which have an origin of their own. */
function AdminDoor() {
  useEffect(() => void openAdmin(() => navigate('/', { replace: true })), []);
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
  const path = usePath();
  const usesLink = path === '/link';
  const isTest = path === '/sign-in/tested';
  const me = useMe(!usesLink && !isTest);
  const signedIn = me.data !== null && me.data !== undefined;
  const leaves = signedIn && path === '/sign-in';
  useEffect(() => {
    if (leaves) navigate('/', { replace: true });
  }, [leaves]);
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
