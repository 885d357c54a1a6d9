import { useMutation } from '@tanstack/react-query';
import { Ellipsis, KeyRound, LogOut, Search, ShieldOff, UserCheck, UserPlus, UserX } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import type { PersonView } from '#libs/contracts/admin-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatAgo, formatDay } from '#libs/ui/format.js';
import { Menu, MenuChoice, MenuHeading, MenuItem, MenuLine } from '#libs/ui/menu.js';
import { useSearch } from '#libs/ui/router.js';
import { inputClasses } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText, type Text } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { useMe } from '../app/use-me.js';
import { Badge } from '../parts/badge.js';
import { DataTable, type Column } from '../parts/data-table.js';
import { PageHeading, Section } from '../parts/page-heading.js';
import { usePages } from '../parts/use-pages.js';
import { Invitations } from './invitations.js';
import { InviteDialog } from './invite-dialog.js';
import { ResetFactorsDialog } from './reset-factors-dialog.js';
import { ResetDialog } from './reset-dialog.js';
import { type RoleName, useRoleLabel, useRoles } from './roles.js';

type Change = { readonly role?: RoleName; readonly state?: PersonView['state'] };

/** What is being done to whom, where it asks first. */
interface Asking {
  readonly kind: 'disable' | 'sign-out' | 'reset' | 'reset-factors';
  readonly person: PersonView;
}

interface ActionsProps {
  readonly person: PersonView;
  readonly self: boolean;
  readonly onChange: (change: Change) => void;
  readonly onAsk: (kind: Asking['kind']) => void;
}

function Actions({ person, self, onChange, onAsk }: ActionsProps) {
  const { text } = useText();
  const active = person.state === 'active';
  const roles = useRoles();
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={text('people.actions', { name: person.name })}
          className="inline-flex size-8 items-center justify-center rounded-control text-soft hover:bg-hover hover:text-text"
        >
          <Ellipsis size={16} aria-hidden />
        </button>
      }
    >
      <MenuHeading>{text('people.role')}</MenuHeading>
      <MenuChoice
        value={person.role}
        options={roles}
        onChoose={(value) => {
          const role = roles.find((one) => one.value === value)?.value;
          if (role !== undefined && role !== person.role) onChange({ role });
        }}
      />
      <MenuLine />
      <MenuItem icon={KeyRound} onSelect={() => onAsk('reset')}>
        {text('people.reset')}
      </MenuItem>
      <MenuItem icon={LogOut} onSelect={() => onAsk('sign-out')}>
        {text('people.signOut')}
      </MenuItem>
      {person.secondFactor === true && !self && (
        <MenuItem icon={ShieldOff} onSelect={() => onAsk('reset-factors')}>
          {text('people.reset-factors')}
        </MenuItem>
      )}
      {active ? (
        <MenuItem icon={UserX} danger disabled={self} onSelect={() => onAsk('disable')}>
          {text('people.disable')}
        </MenuItem>
      ) : (
        <MenuItem icon={UserCheck} onSelect={() => onChange({ state: 'active' })}>
          {text('people.enable')}
        </MenuItem>
      )}
    </Menu>
  );
}

function usePersonChange() {
  const { text } = useText();
  return useMutation({
    mutationFn: ({ person, change }: { readonly person: PersonView; readonly change: Change }) =>
      api('PATCH /api/people/:id', { params: { id: person.id }, body: change }),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['people'] });
      showToast(text('people.changed'));
    },
  });
}

function Asked({ asking, onDone }: { readonly asking: Asking; readonly onDone: () => void }) {
  const { text } = useText();
  const change = usePersonChange();
  const signOut = useMutation({
    mutationFn: () => api('POST /api/people/:id/sign-out', { params: { id: asking.person.id } }),
    onSuccess: () => {
      onDone();
      showToast(text('people.signedOut', { name: asking.person.name }));
    },
  });
  const { person, kind } = asking;
  if (kind === 'reset') return <ResetDialog person={person} onClose={onDone} />;
  if (kind === 'reset-factors') return <ResetFactorsDialog person={person} onClose={onDone} />;
  const error = kind === 'disable' ? change.error : signOut.error;
  return (
    <ConfirmDialog
      open
      onClose={onDone}
      title={text(`people.${kind}.title`, { name: person.name })}
      description={text(`people.${kind}.text`)}
      action={text(kind === 'disable' ? 'people.disable' : 'people.signOut')}
      busy={change.isPending || signOut.isPending}
      problem={error === null ? null : <ErrorNotice error={error} />}
      onConfirm={() => {
        if (kind === 'disable') change.mutate({ person, change: { state: 'disabled' } }, { onSuccess: onDone });
        else signOut.mutate();
      }}
    />
  );
}

interface ColumnParts {
  readonly text: Text;
  readonly locale: string;
  readonly labelOf: ReturnType<typeof useRoleLabel>;
}

function personColumns({ text, locale, labelOf }: ColumnParts): Column<PersonView>[] {
  return [
    {
      id: 'name',
      label: text('people.name'),
      sort: (person) => person.name,
      cell: (person) => (
        <>
          <p className="font-medium">{person.name}</p>
          <p className="text-small text-soft">{person.email}</p>
        </>
      ),
    },
    {
      id: 'role',
      label: text('people.role'),
      sort: (person) => person.role,
      cell: (person) => (
        <Badge look={person.role === 'owner' ? 'accent' : 'plain'}>{labelOf(person.role, person.roleName)}</Badge>
      ),
    },
    {
      id: 'groups',
      label: text('people.groups'),
      cell: (person) => person.groups?.map(({ name }) => name).join(', ') || '–',
    },
    {
      id: 'state',
      label: text('people.state'),
      sort: (person) => person.state,
      cell: (person) => (
        <Badge look={person.state === 'active' ? 'good' : 'danger'}>{text(`people.${person.state}`)}</Badge>
      ),
    },
    {
      id: 'signIn',
      label: text('people.signIn'),
      cell: (person) => (
        <>
          {person.signIn.map((way) => text(`people.by.${way}`)).join(', ') || '–'}
          {person.secondFactor === true && (
            <p>
              <Badge look="good">{text('people.secondFactor')}</Badge>
            </p>
          )}
        </>
      ),
    },
    {
      id: 'seen',
      label: text('people.seen'),
      number: true,
      sort: (person) => person.lastSeenAt ?? '',
      cell: (person) => (
        <span className="whitespace-nowrap">
          {person.lastSeenAt === null ? text('people.never') : formatAgo(person.lastSeenAt, locale)}
        </span>
      ),
    },
    {
      id: 'since',
      label: text('people.since'),
      number: true,
      sort: (person) => person.createdAt,
      cell: (person) => <span className="whitespace-nowrap">{formatDay(person.createdAt, locale)}</span>,
    },
  ];
}

function PeopleTable({ search, group }: { readonly search: string; readonly group: string | undefined }) {
  const { text, locale } = useText();
  const me = useMe().data;
  const people = usePages(['people', search, group ?? ''], (cursor) =>
    api('GET /api/people', { query: { cursor, search, group } }),
  );
  const change = usePersonChange();
  const [asking, setAsking] = useState<Asking | null>(null);
  const labelOf = useRoleLabel();
  const columns = personColumns({ text, locale, labelOf });
  return (
    <>
      {change.isError && <ErrorNotice error={change.error} />}
      <DataTable
        label={text('nav.people')}
        rows={people.rows}
        rowKey={(person) => person.id}
        empty={text(search === '' && group === undefined ? 'people.empty' : 'people.nobody')}
        error={people.error}
        onRetry={people.retry}
        onMore={people.more}
        columns={[
          ...columns,
          {
            id: 'actions',
            label: text('table.actions'),
            number: true,
            cell: (person) => (
              <Actions
                person={person}
                self={person.id === me?.userId}
                onChange={(next) => change.mutate({ person, change: next })}
                onAsk={(kind) => setAsking({ kind, person })}
              />
            ),
          },
        ]}
      />
      {asking !== null && <Asked asking={asking} onDone={() => setAsking(null)} />}
    </>
  );
}

/** Who belongs to the organisation, and who is invited. */
export function PeoplePage() {
  const { text } = useText();
  const [search, setSearch] = useSearch();
  const [inviting, setInviting] = useState(false);
  const wanted = search.get('search') ?? '';
  const group = search.get('group') ?? undefined;
  return (
    <>
      <PageHeading title={text('nav.people')} help={text('people.help')}>
        <Button look="solid" small onClick={() => setInviting(true)} data-testid="invite">
          <UserPlus size={16} aria-hidden />
          {text('people.invite')}
        </Button>
      </PageHeading>
      <div className="relative max-w-sm pb-4">
        <Search size={16} aria-hidden className="absolute start-3 top-3 text-soft" />
        <input
          type="search"
          aria-label={text('people.search')}
          placeholder={text('people.search')}
          value={wanted}
          onChange={(event) => setSearch({ search: event.target.value, ...(group === undefined ? {} : { group }) })}
          className={`${inputClasses} ps-9`}
        />
      </div>
      {group !== undefined && (
        <p className="flex items-center gap-2 pb-4 text-small text-soft">
          {text('people.inGroup')}
          <Button small onClick={() => setSearch({ search: wanted })}>
            {text('people.allGroups')}
          </Button>
        </p>
      )}
      <div className="pb-8">
        <PeopleTable search={useDeferredValue(wanted.trim())} group={group} />
      </div>
      <Section title={text('people.invitations')}>
        <Invitations />
      </Section>
      {inviting && <InviteDialog onClose={() => setInviting(false)} />}
    </>
  );
}
