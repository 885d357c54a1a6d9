import { useMutation, useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { PasskeyView } from '#libs/contracts/passkey-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatAgo, formatTime } from '#libs/ui/format.js';
import { knowsPasskeys } from '#libs/ui/passkeys.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { PasskeyDialog } from './passkey-dialog.js';

const listKey = ['passkeys'];
const reload = () => queries.invalidateQueries({ queryKey: listKey });

function PasskeyLine({ passkey, onRename }: { readonly passkey: PasskeyView; readonly onRename: () => void }) {
  const { text, locale } = useText();
  const [asks, setAsks] = useState(false);
  const remove = useMutation({
    mutationFn: () => api('DELETE /api/me/passkeys/:id', { params: { id: passkey.id } }),
    onSuccess: async () => {
      setAsks(false);
      await reload();
    },
  });
  const used = passkey.lastUsedAt;
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line py-4 last:border-0">
      <KeyRound size={20} aria-hidden className="shrink-0 text-soft" />
      <div className="min-w-0 flex-1 basis-56">
        <p className="font-medium break-words">{passkey.name}</p>
        <p className="text-small text-soft">
          {[
            text(passkey.isSynced ? 'passkeys.synced' : 'passkeys.oneDevice'),
            used === null ? text('passkeys.unused') : text('passkeys.used', { ago: formatAgo(used, locale) }),
            text('passkeys.since', { time: formatTime(passkey.createdAt, locale) }),
          ].join(' · ')}
        </p>
        {passkey.host !== location.hostname && (
          <p className="text-small text-soft">{text('passkeys.elsewhere', { host: passkey.host })}</p>
        )}
      </div>
      <div className="flex gap-2">
        <Button small onClick={onRename}>
          {text('passkeys.rename')}
        </Button>
        <Button small onClick={() => setAsks(true)}>
          {text('passkeys.remove')}
        </Button>
      </div>
      <ConfirmDialog
        open={asks}
        onClose={() => setAsks(false)}
        title={text('passkeys.removeTitle', { name: passkey.name })}
        description={text('passkeys.removeText')}
        action={text('passkeys.remove')}
        busy={remove.isPending}
        problem={remove.isError && <ErrorNotice error={remove.error} />}
        onConfirm={() => remove.mutate()}
      />
    </li>
  );
}

/** The person's passkeys: made, named and removed here. */
export function PasskeysSection() {
  const { text } = useText();
  /** The one whose name is asked for: a new one, or one that is here. */
  const [named, setNamed] = useState<PasskeyView | 'new' | null>(null);
  const passkeys = useQuery({ queryKey: listKey, queryFn: () => api('GET /api/me/passkeys') });
  return (
    <section aria-labelledby="passkeys-title" className="pt-8">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0 flex-1 basis-64">
          <h2 id="passkeys-title" className="text-title font-semibold">
            {text('passkeys.title')}
          </h2>
          <p className="pt-1 text-soft">{text('passkeys.help')}</p>
        </div>
        {knowsPasskeys && (
          <Button onClick={() => setNamed('new')} data-testid="add-passkey">
            {text('passkeys.add')}
          </Button>
        )}
      </div>
      {!knowsPasskeys && <p className="pt-2 text-small text-soft">{text('passkeys.unknown')}</p>}
      {passkeys.isPending && <Skeleton className="mt-4 h-16" />}
      {passkeys.isError && <ErrorNotice error={passkeys.error} onRetry={() => void passkeys.refetch()} />}
      <ul className="pt-2">
        {passkeys.data?.items.map((passkey) => (
          <PasskeyLine key={passkey.id} passkey={passkey} onRename={() => setNamed(passkey)} />
        ))}
      </ul>
      {named !== null && (
        <PasskeyDialog passkey={named === 'new' ? null : named} onDone={reload} onClose={() => setNamed(null)} />
      )}
    </section>
  );
}
