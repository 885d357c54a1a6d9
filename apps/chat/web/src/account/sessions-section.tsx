import { useMutation, useQuery } from '@tanstack/react-query';
import { MonitorSmartphone } from 'lucide-react';
import { useState } from 'react';
import { deviceName } from '#libs/contracts/device-name.js';
import type { SessionView } from '#libs/contracts/session-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatAgo, formatTime } from '#libs/ui/format.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { showToast } from '#libs/ui/toasts.js';
import { type Text, useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Section } from './section.js';

/** How somebody came in: the way, and what was shown beyond it. */
function wayIn({ method, proofs }: SessionView, text: Text): string {
  const beyond = proofs.slice(1).map((proof) => text(`sessions.proof.${proof}`));
  return [text(`sessions.method.${method}`), ...beyond].join(' + ');
}

/** What a program calls itself stays as it is. */
function deviceText(device: string, text: Text): string {
  const { browser, system } = deviceName(device);
  if (browser !== null && system !== null) return text('sessions.device', { browser, system });
  return browser ?? system ?? device;
}

function SessionLine({ session }: { readonly session: SessionView }) {
  const { text, locale } = useText();
  const end = useMutation({
    mutationFn: () => api('DELETE /api/sessions/:id', { params: { id: session.id } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['sessions'] }),
  });
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line py-4 last:border-0 last:pb-0">
      <MonitorSmartphone size={20} aria-hidden className="shrink-0 text-soft" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium">
          <span title={session.device}>{deviceText(session.device, text)}</span>
          {session.current && (
            <span className="ms-2 rounded-full bg-accent-soft px-2 py-0.5 text-small font-normal text-accent-text">
              {text('sessions.current')}
            </span>
          )}
        </p>
        <p className="text-small break-words text-soft">
          {[
            text(`sessions.face.${session.face}`),
            wayIn(session, text),
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

function EndOthersDialog({ count, onClose }: { readonly count: number; readonly onClose: () => void }) {
  const { text } = useText();
  const end = useMutation({
    mutationFn: () => api('DELETE /api/sessions'),
    onSuccess: async ({ ended }) => {
      onClose();
      showToast(text('sessions.endedOthers', { count: ended }));
      await queries.invalidateQueries({ queryKey: ['sessions'] });
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('sessions.endOthers.title')}
      description={text('sessions.endOthers.text', { count })}
      action={text('sessions.endOthers')}
      busy={end.isPending}
      problem={end.isError && <ErrorNotice error={end.error} />}
      onConfirm={() => end.mutate()}
    />
  );
}

/** Where the person is signed in, and the way to end that. */
export function SessionsSection() {
  const { text } = useText();
  const [ending, setEnding] = useState(false);
  const sessions = useQuery({ queryKey: ['sessions'], queryFn: () => api('GET /api/sessions') });
  const others = sessions.data?.items.filter(({ current }) => !current).length ?? 0;
  return (
    <Section
      title={text('account.sessions')}
      help={text('sessions.help')}
      actions={
        others > 0 && (
          <Button small onClick={() => setEnding(true)}>
            {text('sessions.endOthers')}
          </Button>
        )
      }
    >
      {sessions.isPending && <Skeleton className="mt-4 h-24" />}
      {sessions.isError && <ErrorNotice error={sessions.error} onRetry={() => void sessions.refetch()} />}
      <ul className="pt-2">
        {sessions.data?.items.map((session) => (
          <SessionLine key={session.id} session={session} />
        ))}
      </ul>
      {ending && <EndOthersDialog count={others} onClose={() => setEnding(false)} />}
    </Section>
  );
}
