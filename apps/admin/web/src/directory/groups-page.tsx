import { useMutation } from '@tanstack/react-query';
import type { GroupView } from '#libs/contracts/directory-api.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatAgo } from '#libs/ui/format.js';
import { Link } from '#libs/ui/router.js';
import { inputClasses } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { DataTable } from '../parts/data-table.js';
import { PageHeading } from '../parts/page-heading.js';
import { usePages } from '../parts/use-pages.js';
import { useRoles } from '../people/roles.js';

type GroupRole = NonNullable<GroupView['role']>;

function useGiveRole() {
  const { text } = useText();
  return useMutation({
    mutationFn: ({ group, role }: { readonly group: GroupView; readonly role: Exclude<GroupRole, 'owner'> | null }) =>
      api('PATCH /api/groups/:id', { params: { id: group.id }, body: { role } }),
    onSuccess: async () => {
      await Promise.all(['groups', 'people', 'roles'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
      showToast(text('people.changed'));
    },
  });
}

/** Groups of the organisation's directory, and the role each gives. */
export function GroupsPage() {
  const { text, locale } = useText();
  const groups = usePages(['groups'], (cursor) => api('GET /api/groups', { query: { cursor } }));
  const give = useGiveRole();
  const roles = useRoles().flatMap(({ value, label }) => (value === 'owner' ? [] : [{ value, label }]));
  return (
    <>
      <PageHeading title={text('nav.groups')} help={text('groups.help')} />
      {give.isError && <ErrorNotice error={give.error} />}
      <DataTable
        label={text('nav.groups')}
        rows={groups.rows}
        rowKey={(group) => group.id}
        empty={text('groups.empty')}
        error={groups.error}
        onRetry={groups.retry}
        onMore={groups.more}
        columns={[
          {
            id: 'name',
            label: text('people.name'),
            sort: (group) => group.name,
            cell: (group) => <span className="font-medium">{group.name}</span>,
          },
          {
            id: 'role',
            label: text('groups.role'),
            cell: (group) => (
              <select
                aria-label={text('groups.roleOf', { name: group.name })}
                className={`${inputClasses} max-w-52`}
                value={group.role ?? ''}
                disabled={give.isPending}
                onChange={(event) => {
                  const role = roles.find(({ value }) => value === event.target.value)?.value ?? null;
                  give.mutate({ group, role });
                }}
              >
                <option value="">{text('groups.noRole')}</option>
                {roles.map(({ value, label }) => (
                  <option key={value} value={value}>
                    {label}
                  </option>
                ))}
              </select>
            ),
          },
          {
            id: 'members',
            label: text('groups.members'),
            number: true,
            sort: (group) => group.members,
            cell: (group) => (
              <Link href={`/people?group=${group.id}`} className="text-accent-text underline">
                {group.members}
              </Link>
            ),
          },
          {
            id: 'changed',
            label: text('groups.changed'),
            number: true,
            sort: (group) => group.changedAt,
            cell: (group) => <span className="whitespace-nowrap">{formatAgo(group.changedAt, locale)}</span>,
          },
        ]}
      />
    </>
  );
}
