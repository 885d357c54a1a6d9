import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { KeyView } from '#libs/contracts/admin-api.js';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatCount, formatDay } from '#libs/ui/format.js';
import { TextField } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { changeOf, daysAhead, type Difference, differences, draftOf } from './key-draft.js';
import { LimitFields } from './limit-fields.js';

function useDifferenceText(): (difference: Difference) => string {
  const { text, locale } = useText();
  const valueOf = ({ field }: Difference, value: string | null) => {
    if (value === null) return text(field === 'expires' ? 'keys.noEnd' : 'keys.noLimit');
    if (field === 'name') return value;
    return field === 'expires' ? formatDay(value, locale) : formatCount(Number(value), locale);
  };
  return (one) =>
    text('keys.difference', {
      field: text(`keys.${one.field}`),
      before: valueOf(one, one.before),
      after: valueOf(one, one.after),
    });
}

interface EditKeyDialogProps {
  readonly apiKey: KeyView;
  readonly onClose: () => void;
}

/** Changes name, end and limits of a key, and says what is going to be another. */
export function EditKeyDialog({ apiKey, onClose }: EditKeyDialogProps) {
  const { text } = useText();
  const [draft, setDraft] = useState(() => draftOf(apiKey));
  const [days] = useState(() => daysAhead(new Date()));
  const wordsOf = useDifferenceText();
  const changed = differences(apiKey, draft).map(wordsOf);
  const save = useMutation({
    mutationFn: () => api('PATCH /api/keys/:id', { params: { id: apiKey.id }, body: changeOf(apiKey, draft) }),
    onSuccess: async (key) => {
      await queries.invalidateQueries({ queryKey: ['keys'] });
      onClose();
      showToast(text('keys.changed', { name: key.name, changes: changed.join(', ') }));
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text('keys.editTitle', { name: apiKey.name })}
      description={text('keys.editText')}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label={text('keys.name')}
          required
          maxLength={80}
          autoComplete="off"
          value={draft.name}
          onChange={(event) => setDraft({ ...draft, name: event.target.value })}
        />
        <TextField
          label={text('keys.lastDay')}
          help={text('keys.lastDayHelp')}
          type="date"
          {...days}
          value={draft.lastDay}
          onChange={(event) => setDraft({ ...draft, lastDay: event.target.value })}
        />
        <LimitFields limits={draft.limits} onChange={(limits) => setDraft({ ...draft, limits })} />
        <div role="status" aria-label={text('keys.changes')} className="text-small text-soft empty:hidden">
          {changed.length > 0 && (
            <ul className="flex flex-col gap-1">
              {changed.map((line) => (
                <li key={line} className="break-words">
                  {line}
                </li>
              ))}
            </ul>
          )}
        </div>
        {save.isError && <ErrorNotice error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="solid" disabled={changed.length === 0} busy={save.isPending}>
            {text('save.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
