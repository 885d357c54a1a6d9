import { useMutation } from '@tanstack/react-query';
import { Ban, Ellipsis, Pencil, Plus } from 'lucide-react';
import { useState } from 'react';
import type { KeyView } from '#libs/contracts/admin-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatAgo, formatDay } from '#libs/ui/format.js';
import { Menu, MenuItem } from '#libs/ui/menu.js';
import { showToast } from '#libs/ui/toasts.js';
import { type Text, useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { DataTable } from '../parts/data-table.js';
import { PageHeading } from '../parts/page-heading.js';
import { usePages } from '../parts/use-pages.js';
import { EditKeyDialog } from './edit-key-dialog.js';
import { NewKeyDialog } from './new-key-dialog.js';

function stateOf(key: KeyView): 'revoked' | 'expired' | 'active' {
  if (key.revokedAt !== null) return 'revoked';
  return key.expiresAt !== null && Date.parse(key.expiresAt) < Date.now() ? 'expired' : 'active';
}

const looks = { active: 'good', expired: 'plain', revoked: 'danger' } as const;

function RevokeDialog({ apiKey, onClose }: { readonly apiKey: KeyView; readonly onClose: () => void }) {
  const { text } = useText();
  const revoke = useMutation({
    mutationFn: () => api('DELETE /api/keys/:id', { params: { id: apiKey.id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['keys'] });
      onClose();
      showToast(text('keys.revoked', { name: apiKey.name }));
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('keys.revokeTitle', { name: apiKey.name })}
      description={text('keys.revokeText', { prefix: apiKey.prefix })}
      word={apiKey.name}
      action={text('keys.revoke')}
      busy={revoke.isPending}
      problem={revoke.isError && <ErrorNotice error={revoke.error} />}
      onConfirm={() => revoke.mutate()}
    />
  );
}

function limitText(limits: KeyView['limits'], text: Text): string {
  const parts = Object.entries(limits ?? {}).map(([name, value]) => `${value} ${text(`keys.limit.${name}.short`)}`);
  return parts.join(', ') || '–';
}

/** What is being done to which key. */
interface Doing {
  readonly kind: 'edit' | 'revoke';
  readonly apiKey: KeyView;
}

function Actions({ apiKey, onDo }: { readonly apiKey: KeyView; readonly onDo: (kind: Doing['kind']) => void }) {
  const { text } = useText();
  if (apiKey.revokedAt !== null) return null;
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={text('keys.actions', { name: apiKey.name })}
          className="inline-flex size-8 items-center justify-center rounded-control text-soft hover:bg-hover hover:text-text"
        >
          <Ellipsis size={16} aria-hidden />
        </button>
      }
    >
      {stateOf(apiKey) === 'active' && (
        <MenuItem icon={Pencil} onSelect={() => onDo('edit')}>
          {text('keys.edit')}
        </MenuItem>
      )}
      <MenuItem icon={Ban} danger onSelect={() => onDo('revoke')}>
        {text('keys.revoke')}
      </MenuItem>
    </Menu>
  );
}

/** API keys of the organisation. */
export function KeysPage() {
  const { text, locale } = useText();
  const keys = usePages(['keys'], (cursor) => api('GET /api/keys', { query: { cursor } }));
  const [making, setMaking] = useState(false);
  const [doing, setDoing] = useState<Doing | null>(null);
  const done = () => setDoing(null);
  return (
    <>
      <PageHeading title={text('nav.keys')} help={text('keys.help')}>
        <Button look="solid" small onClick={() => setMaking(true)} data-testid="new-key">
          <Plus size={16} aria-hidden />
          {text('keys.new')}
        </Button>
      </PageHeading>
      <DataTable
        label={text('nav.keys')}
        rows={keys.rows}
        rowKey={(key) => key.id}
        empty={text('keys.empty')}
        error={keys.error}
        onRetry={keys.retry}
        onMore={keys.more}
        columns={[
          {
            id: 'name',
            label: text('keys.name'),
            sort: (key) => key.name,
            cell: (key) => (
              <>
                <p className="font-medium">{key.name}</p>
                <code className="font-mono text-small text-soft">{key.prefix}…</code>
              </>
            ),
          },
          {
            id: 'state',
            label: text('people.state'),
            sort: stateOf,
            cell: (key) => <Badge look={looks[stateOf(key)]}>{text(`keys.state.${stateOf(key)}`)}</Badge>,
          },
          { id: 'scopes', label: text('keys.scopes'), cell: (key) => key.scopes.join(', ') },
          { id: 'limits', label: text('keys.limits'), cell: (key) => limitText(key.limits, text) },
          { id: 'by', label: text('keys.by'), sort: (key) => key.createdBy, cell: (key) => key.createdBy },
          {
            id: 'used',
            label: text('keys.used'),
            number: true,
            sort: (key) => key.lastUsedAt ?? '',
            cell: (key) => (key.lastUsedAt === null ? text('people.never') : formatAgo(key.lastUsedAt, locale)),
          },
          {
            id: 'expires',
            label: text('keys.expires'),
            number: true,
            sort: (key) => key.expiresAt ?? '9',
            cell: (key) => (
              <span className="whitespace-nowrap">
                {key.expiresAt === null ? text('people.never') : formatDay(key.expiresAt, locale)}
              </span>
            ),
          },
          {
            id: 'actions',
            label: text('table.actions'),
            number: true,
            cell: (key) => <Actions apiKey={key} onDo={(kind) => setDoing({ kind, apiKey: key })} />,
          },
        ]}
      />
      {making && <NewKeyDialog onClose={() => setMaking(false)} />}
      {doing?.kind === 'edit' && <EditKeyDialog apiKey={doing.apiKey} onClose={done} />}
      {doing?.kind === 'revoke' && <RevokeDialog apiKey={doing.apiKey} onClose={done} />}
    </>
  );
}
