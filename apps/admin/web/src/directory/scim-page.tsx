import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { ScimTokenView } from '#libs/contracts/directory-api.js';
import { Button } from '#libs/ui/button.js';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatAgo, formatDay } from '#libs/ui/format.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { DataTable } from '../parts/data-table.js';
import { PageHeading, Section } from '../parts/page-heading.js';
import { NewTokenDialog } from './new-token-dialog.js';

function stateOf({ revokedAt, expiresAt }: ScimTokenView): 'revoked' | 'expired' | 'active' {
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) < Date.now() ? 'expired' : 'active';
}

const looks = { active: 'good', expired: 'plain', revoked: 'danger' } as const;
const steps = {
  okta: ['okta1', 'okta2', 'okta3'],
  entra: ['entra1', 'entra2', 'entra3'],
} as const;

function RevokeDialog({ token, onClose }: { readonly token: ScimTokenView; readonly onClose: () => void }) {
  const { text } = useText();
  const revoke = useMutation({
    mutationFn: () => api('DELETE /api/scim/tokens/:id', { params: { id: token.id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['scim'] });
      onClose();
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('keys.revokeTitle', { name: token.name })}
      description={text('scim.revokeText')}
      action={text('keys.revoke')}
      busy={revoke.isPending}
      problem={revoke.isError && <ErrorNotice error={revoke.error} />}
      onConfirm={() => revoke.mutate()}
    />
  );
}

function Steps({ baseUrl }: { readonly baseUrl: string }) {
  const { text } = useText();
  return (
    <div className="flex flex-col gap-4">
      <div className="flex min-w-0 items-center gap-1 rounded-card border border-line bg-sunken p-3">
        <code dir="ltr" data-testid="scim-url" className="min-w-0 flex-1 font-mono text-small break-all">
          {baseUrl}
        </code>
        <CopyIconButton value={() => baseUrl} label={`${text('ui.copy')}: ${text('scim.baseUrl')}`} />
      </div>
      <div className="grid gap-6 md:grid-cols-2">
        {(['okta', 'entra'] as const).map((provider) => (
          <div key={provider}>
            <h3 className="font-medium">{text(`scim.${provider}`)}</h3>
            <ol className="list-decimal ps-5 text-soft">
              {steps[provider].map((step) => (
                <li key={step}>{text(`scim.${step}`)}</li>
              ))}
            </ol>
          </div>
        ))}
      </div>
    </div>
  );
}

/** The connection of the organisation's directory. */
export function ScimPage() {
  const { text, locale } = useText();
  const scim = useQuery({ queryKey: ['scim'], queryFn: () => api('GET /api/scim') });
  const [making, setMaking] = useState(false);
  const [revoking, setRevoking] = useState<ScimTokenView | null>(null);
  return (
    <>
      <PageHeading title={text('nav.scim')} help={text('scim.help')}>
        <Button look="solid" small onClick={() => setMaking(true)} data-testid="new-scim-token">
          <Plus size={16} aria-hidden />
          {text('scim.new')}
        </Button>
      </PageHeading>
      <Section title={text('scim.baseUrl')} help={text('scim.baseUrlHelp')}>
        {scim.data !== undefined && <Steps baseUrl={scim.data.baseUrl} />}
      </Section>
      <Section
        title={text('scim.tokens')}
        {...(scim.data === undefined
          ? {}
          : { help: text('scim.told', { people: scim.data.people, groups: scim.data.groups }) })}
      >
        <DataTable
          label={text('scim.tokens')}
          rows={scim.data?.tokens}
          rowKey={(token) => token.id}
          empty={text('scim.empty')}
          error={scim.error}
          onRetry={() => void scim.refetch()}
          columns={[
            {
              id: 'name',
              label: text('keys.name'),
              cell: (token) => (
                <>
                  <p className="font-medium">{token.name}</p>
                  <code className="font-mono text-small text-soft">{token.prefix}…</code>
                </>
              ),
            },
            {
              id: 'state',
              label: text('people.state'),
              cell: (token) => <Badge look={looks[stateOf(token)]}>{text(`keys.state.${stateOf(token)}`)}</Badge>,
            },
            { id: 'by', label: text('keys.by'), cell: (token) => token.createdBy },
            {
              id: 'used',
              label: text('keys.used'),
              number: true,
              cell: (token) => (token.lastUsedAt === null ? text('people.never') : formatAgo(token.lastUsedAt, locale)),
            },
            {
              id: 'expires',
              label: text('keys.expires'),
              number: true,
              cell: (token) => <span className="whitespace-nowrap">{formatDay(token.expiresAt, locale)}</span>,
            },
            {
              id: 'actions',
              label: text('table.actions'),
              number: true,
              cell: (token) =>
                token.revokedAt === null && (
                  <Button small onClick={() => setRevoking(token)}>
                    {text('keys.revoke')}
                  </Button>
                ),
            },
          ]}
        />
      </Section>
      {making && <NewTokenDialog onClose={() => setMaking(false)} />}
      {revoking !== null && <RevokeDialog token={revoking} onClose={() => setRevoking(null)} />}
    </>
  );
}
