import { useMutation, useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState } from 'react';
import type { RightView, RoleView } from '#libs/contracts/roles-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog, Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { useMe } from '../app/use-me.js';
import { DataTable } from '../parts/data-table.js';
import { PageHeading } from '../parts/page-heading.js';
import { RightsMatrix } from './rights-matrix.js';
import { RoleDialog } from './role-dialog.js';

interface Row {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly rights: readonly RightView[];
  /** Null: one that every organisation has. */
  readonly custom: RoleView | null;
}

function DeleteDialog({ role, onClose }: { readonly role: RoleView; readonly onClose: () => void }) {
  const { text } = useText();
  const remove = useMutation({
    mutationFn: () => api('DELETE /api/roles/:id', { params: { id: role.id } }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['roles'] });
      onClose();
      showToast(text('roles.deleted', { name: role.name }));
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('roles.deleteTitle', { name: role.name })}
      description={text('roles.deleteText')}
      action={text('roles.delete')}
      busy={remove.isPending}
      problem={remove.isError && <ErrorNotice error={remove.error} />}
      onConfirm={() => remove.mutate()}
    />
  );
}

type Open =
  | { readonly kind: 'edit' | 'delete'; readonly role: RoleView }
  | { readonly kind: 'new' }
  | { readonly kind: 'look'; readonly row: Row };

function Opened({ open, onClose }: { readonly open: Open; readonly onClose: () => void }) {
  switch (open.kind) {
    case 'new':
      return <RoleDialog edited={null} onClose={onClose} />;
    case 'edit':
      return <RoleDialog edited={open.role} onClose={onClose} />;
    case 'delete':
      return <DeleteDialog role={open.role} onClose={onClose} />;
    case 'look':
      return (
        <Dialog open wide onClose={onClose} title={open.row.name} description={open.row.description}>
          <RightsMatrix rights={open.row.rights} onChange={null} />
        </Dialog>
      );
  }
}

/** Roles: those that every organisation has, and those made here. */
export function RolesPage() {
  const { text } = useText();
  const isOwner = useMe().data?.role === 'owner';
  const roles = useQuery({ queryKey: ['roles'], queryFn: () => api('GET /api/roles') });
  const [open, setOpen] = useState<Open | null>(null);
  const rows: Row[] | undefined = roles.data && [
    ...roles.data.custom.map((role) => ({ ...role, custom: role })),
    ...roles.data.system.map(({ role, rights }) => ({
      id: role,
      name: text(`role.${role}`),
      description: text(`role.${role}.help`),
      rights,
      custom: null,
    })),
  ];
  return (
    <>
      <PageHeading title={text('nav.roles')} help={text(isOwner ? 'roles.help' : 'roles.helpRead')}>
        {isOwner && (
          <Button look="solid" small onClick={() => setOpen({ kind: 'new' })} data-testid="new-role">
            <Plus size={16} aria-hidden />
            {text('roles.new')}
          </Button>
        )}
      </PageHeading>
      <DataTable
        label={text('nav.roles')}
        rows={rows}
        rowKey={(row) => row.id}
        empty=""
        error={roles.error}
        onRetry={() => void roles.refetch()}
        columns={[
          {
            id: 'name',
            label: text('roles.name'),
            cell: (row) => (
              <>
                <p className="font-medium">{row.name}</p>
                <p className="text-small text-soft">{row.description}</p>
              </>
            ),
          },
          {
            id: 'kind',
            label: text('roles.kind'),
            cell: (row) => text(row.custom === null ? 'roles.system' : 'roles.own'),
          },
          {
            id: 'people',
            label: text('nav.people'),
            number: true,
            cell: (row) => row.custom?.uses.people ?? '–',
          },
          {
            id: 'actions',
            label: text('table.actions'),
            number: true,
            cell: (row) => (
              <span className="inline-flex justify-end gap-2">
                {row.custom === null || !isOwner ? (
                  <Button small onClick={() => setOpen({ kind: 'look', row })}>
                    {text('roles.look')}
                  </Button>
                ) : (
                  <RoleButtons role={row.custom} onOpen={setOpen} />
                )}
              </span>
            ),
          },
        ]}
      />
      {open !== null && <Opened open={open} onClose={() => setOpen(null)} />}
    </>
  );
}

function RoleButtons({ role, onOpen }: { readonly role: RoleView; readonly onOpen: (open: Open) => void }) {
  const { text } = useText();
  return (
    <>
      <Button small onClick={() => onOpen({ kind: 'edit', role })}>
        {text('roles.change')}
      </Button>
      <Button small onClick={() => onOpen({ kind: 'delete', role })}>
        {text('roles.delete')}
      </Button>
    </>
  );
}
