import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { boot } from '#libs/ui/boot.js';
import { buttonClasses } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { navigate } from '#libs/ui/router.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from './api.js';

/** Read once and taken out of the address and the history at once. */
const token = location.pathname === '/enter' ? location.hash.slice(1) : '';
const to = pageOf(new URLSearchParams(location.search).get('to'));
if (token !== '') history.replaceState(null, '', '/enter');

/** A page of ours to go on to: what comes in an address may name another site. */
function pageOf(wanted: string | null): string {
  if (wanted === null || !URL.canParse(wanted, location.origin)) return '/';
  const url = new URL(wanted, location.origin);
  return url.origin === location.origin && !url.pathname.startsWith('//') ? `${url.pathname}${url.search}` : '/';
}

/** Exchanges the one-time hand-over of the chat for a session of these pages. */
export function EnterPage() {
  const { text } = useText();
  const entry = useQuery({
    queryKey: ['enter'],
    queryFn: () => api('POST /api/handover', { body: { token } }),
    enabled: token !== '',
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
  });
  const entered = entry.isSuccess;
  useEffect(() => {
    if (entered) navigate(to, { replace: true });
  }, [entered]);
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-4 p-6">
      <h1 className="text-center text-display font-semibold">{text('enter.title')}</h1>
      {entry.isLoading && <Skeleton className="h-10" />}
      {entry.isError && <ErrorNotice error={entry.error} />}
      {(entry.isError || token === '') && (
        <a href={boot.chatUrl} className={buttonClasses('solid')}>
          {text('door.toChat')}
        </a>
      )}
    </main>
  );
}
