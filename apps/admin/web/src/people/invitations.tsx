import { useMutation } from '@tanstack/react-query';
import type { InvitationView } from '#libs/contracts/admin-api.js';
import { Button } from '#libs/ui/button.js';
import { formatTime } from '#libs/ui/format.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { DataTable } from '../parts/data-table.js';
import { usePages } from '../parts/use-pages.js';
import { useRoleLabel } from './roles.js';

const looks = { open: 'accent', used: 'good', expired: 'plain', revoked: 'plain' } as const;

function Revoke({ invitation }: { readonly invitation: InvitationView }) {
  const { text } = useText();
  const revoke = useMutation({
    mutationFn: () => api('DELETE /api/invitations/:id', { params: { id: invitation.id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['invitations'] });
      showToast(text('invite.revoked', { email: invitation.email }));
    },
    onError: () => showToast(text('app.actionFailed')),
  });
  if (invitation.state !== 'open') return null;
  return (
    <Button small busy={revoke.isPending} onClick={() => revoke.mutate()}>
      {text('invite.revoke')}
    </Button>
  );
}

/** Invitations, newest first. */
export function Invitations() {
  const { text, locale } = useText();
  const labelOf = useRoleLabel();
  const invitations = usePages(['invitations'], (cursor) => api('GET /api/invitations', { query: { cursor } }));
  return (
    <DataTable
      label={text('people.invitations')}
      rows={invitations.rows}
      rowKey={(invitation) => invitation.id}
      empty={text('invite.none')}
      error={invitations.error}
      onRetry={invitations.retry}
      onMore={invitations.more}
      columns={[
        { id: 'email', label: text('invite.email'), sort: (row) => row.email, cell: (row) => row.email },
        { id: 'role', label: text('people.role'), cell: (row) => labelOf(row.role, row.roleName) },
        {
          id: 'state',
          label: text('people.state'),
          sort: (row) => row.state,
          cell: (row) => <Badge look={looks[row.state]}>{text(`invite.state.${row.state}`)}</Badge>,
        },
        {
          id: 'expires',
          label: text('invite.expires'),
          number: true,
          sort: (row) => row.expiresAt,
          cell: (row) => <span className="whitespace-nowrap">{formatTime(row.expiresAt, locale)}</span>,
        },
        { id: 'actions', label: text('table.actions'), number: true, cell: (row) => <Revoke invitation={row} /> },
      ]}
    />
  );
}
