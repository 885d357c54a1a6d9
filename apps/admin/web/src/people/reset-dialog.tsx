import { useMutation } from '@tanstack/react-query';
import type { PersonView } from '#libs/contracts/admin-api.js';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatTime } from '#libs/ui/format.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';
import { ShownOnce } from '../parts/shown-once.js';

interface ResetDialogProps {
  readonly person: PersonView;
  readonly onClose: () => void;
}

/** Makes a one-time link to set a new password, and shows it once. */
export function ResetDialog({ person, onClose }: ResetDialogProps) {
  const { text, locale } = useText();
  const reset = useMutation({
    mutationFn: () => api('POST /api/people/:id/reset-link', { params: { id: person.id } }),
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text('reset.title', { name: person.name })}
      description={reset.isSuccess ? text('reset.send') : text('reset.text')}
    >
      {reset.isSuccess && (
        <>
          <ShownOnce label={text('reset.link')} value={reset.data.url} />
          <p className="text-small text-soft">
            {text('link.expires', { time: formatTime(reset.data.expiresAt, locale) })}
          </p>
        </>
      )}
      {reset.isError && <ErrorNotice error={reset.error} />}
      <div className="flex justify-end gap-2">
        <Button onClick={onClose}>{text(reset.isSuccess ? 'ui.close' : 'ui.cancel')}</Button>
        {!reset.isSuccess && (
          <Button look="solid" busy={reset.isPending} onClick={() => reset.mutate()}>
            {text('reset.make')}
          </Button>
        )}
      </div>
    </Dialog>
  );
}
