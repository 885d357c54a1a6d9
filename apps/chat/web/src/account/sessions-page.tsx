import { useMutation, useQuery } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import type { ReactNode } from 'react';
import type { SessionView } from '#libs/contracts/session-api.js';
import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatAgo, formatTime } from '#libs/ui/format.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { useTitle } from '#libs/ui/use-title.js';
import { PasskeysSection } from './passkeys-section.js';
import { api, queries } from '../app/api.js';

function SessionLine({ session }: { readonly session: SessionView }) {
  const { text, locale } = useText();
  const end = useMutation({
    mutationFn: () => api('DELETE /api/sessions/:id', { params: { id: session.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line py-4 last:border-0">
      <MonitorSmartphone size={20} aria-hidden className="shrink-0 text-soft" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">
          {session.device}
          {session.current && (
            <span className="ms-2 rounded-full bg-accent-soft px-2 py-0.5 text-small font-normal text-accent-text">
              {text('sessions.current')}
            </span>
          )}
        </p>
        <p className="text-small break-words text-soft">
          {[
            text(`sessions.face.${session.face}`),
            text(`sessions.method.${session.method}`),
            session.address,
            text('sessions.seen', { ago: formatAgo(session.lastSeenAt, locale) }),
          ].join(' · ')}
        </p>
        <p className="text-small text-soft">
          {text('sessions.since', { time: formatTime(session.createdAt, locale) })}
        </p>
      </div>
      {!session.current && (
        <Button small busy={end.isPending} onClick={() => end.mutate()}>
          {text('sessions.end')}
        </Button>
      )}
      {end.isError && <ErrorNotice error={end.error} />}
    </li>
  );
}

/** Where the person is signed in, and the way to end that. */
export function SessionsPage({ leading }: { readonly leading: ReactNode }) {
  const { text } = useText();
  useTitle(text('account.sessions'));
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => api('GET /api/sessions') });
  return (
    <>
      <header className="flex h-13 shrink-0 items-center px-2">{leading}</header>
      <main id="main" className="mx-auto w-full max-w-2xl flex-1 overflow-y-auto px-5 pb-10">
        <h1 className="text-display font-semibold">{text('account.sessions')}</h1>
        <p className="pt-1 text-soft">{text('sessions.help')}</p>
        {sessions.isPending && <Skeleton className="mt-6 h-24" />}
        {sessions.isError && <ErrorNotice error={sessions.error} onRetry={() => void sessions.refetch()} />}
        <ul className="pt-2">
          {sessions.data?.items.map((session) => (
            <SessionLine key={session.id} session={session} />
          ))}
        </ul>
        <PasskeysSection />
      </main>
    </>
  );
}
