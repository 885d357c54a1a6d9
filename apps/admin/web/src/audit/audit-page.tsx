import { X } from 'lucide-react';
import { formatTime } from '#libs/ui/format.js';
import { useSearch } from '#libs/ui/router.js';
import { SelectField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';
import { Badge } from '../parts/badge.js';
import { DataTable } from '../parts/data-table.js';
import { PageHeading } from '../parts/page-heading.js';
import { usePages } from '../parts/use-pages.js';

function Filters() {
  const { text } = useText();
  const [search, setSearch] = useSearch();
  const chips = ['action', 'outcome'].filter((name) => search.get(name) !== null);
  return (
    <div className="flex flex-col gap-3 pb-4">
      <div className="grid max-w-xl grid-cols-2 gap-3">
        <TextField
          label={text('audit.action')}
          placeholder="session.create"
          value={search.get('action') ?? ''}
          onChange={(event) => setSearch({ action: event.target.value.trim() })}
        />
        <SelectField
          label={text('audit.outcome')}
          value={search.get('outcome') ?? ''}
          options={[
            { value: '', label: text('audit.all') },
            { value: 'success', label: text('audit.success') },
            { value: 'refused', label: text('audit.refused') },
          ]}
          onChoose={(outcome) => setSearch({ outcome })}
        />
      </div>
      {chips.length > 0 && (
        <ul className="flex flex-wrap gap-2">
          {chips.map((name) => (
            <li key={name}>
              <button
                type="button"
                onClick={() => setSearch({ [name]: null })}
                aria-label={text('audit.removeFilter', { filter: text(`audit.${name}`) })}
                className="inline-flex min-h-7 items-center gap-1.5 rounded-full bg-accent-soft px-3 text-small text-accent-text"
              >
                {text(`audit.${name}`)}: {search.get(name)}
                <X size={14} aria-hidden />
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

/** An id in one line; all of it on hover, and when it is copied. */
function Cut({ words }: { readonly words: string }) {
  return (
    <span title={words} className="block w-28 truncate">
      {words}
    </span>
  );
}

/** Sign-ins and what administrators did, newest first. */
export function AuditPage() {
  const { text, locale } = useText();
  const [search] = useSearch();
  const action = search.get('action') ?? undefined;
  const wanted = search.get('outcome');
  const outcome = wanted === 'success' || wanted === 'refused' ? wanted : undefined;
  const entries = usePages(['audit', action, outcome], (cursor) =>
    api('GET /api/audit', { query: { cursor, action, outcome } }),
  );
  return (
    <>
      <PageHeading title={text('nav.audit')} help={text('audit.help')} />
      <Filters />
      <DataTable
        label={text('nav.audit')}
        rows={entries.rows}
        rowKey={(entry) => entry.id}
        empty={text(action === undefined && outcome === undefined ? 'audit.empty' : 'audit.nothing')}
        error={entries.error}
        onRetry={entries.retry}
        onMore={entries.more}
        columns={[
          {
            id: 'at',
            label: text('audit.at'),
            cell: (entry) => <span className="whitespace-nowrap tabular">{formatTime(entry.at, locale)}</span>,
          },
          {
            id: 'actor',
            label: text('audit.actor'),
            cell: (entry) => (
              <>
                <p className="whitespace-nowrap">{entry.actor.name}</p>
                <p className="text-small text-soft">{text(`audit.kind.${entry.actor.kind}`)}</p>
              </>
            ),
          },
          {
            id: 'action',
            label: text('audit.action'),
            cell: (entry) => <code className="font-mono text-small whitespace-nowrap">{entry.action}</code>,
          },
          { id: 'target', label: text('audit.target'), cell: (entry) => <Cut words={entry.target ?? '–'} /> },
          {
            id: 'outcome',
            label: text('audit.outcome'),
            cell: (entry) => (
              <>
                <Badge look={entry.outcome === 'success' ? 'good' : 'danger'}>{text(`audit.${entry.outcome}`)}</Badge>
                {entry.reason !== null && <p className="pt-0.5 text-small text-soft">{entry.reason}</p>}
              </>
            ),
          },
          {
            id: 'address',
            label: text('audit.address'),
            cell: (entry) => <span className="whitespace-nowrap tabular">{entry.address ?? '–'}</span>,
          },
          {
            id: 'request',
            label: text('audit.request'),
            cell: (entry) => (
              <code className="font-mono text-small">
                <Cut words={entry.requestId ?? '–'} />
              </code>
            ),
          },
        ]}
      />
    </>
  );
}
