import { useMutation } from '@tanstack/react-query';
import type { PersonView } from '#libs/contracts/admin-api.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';

interface ResetFactorsDialogProps {
  readonly person: PersonView;
  readonly onClose: () => void;
}

/** Takes away the second factors of somebody who has lost them. */
export function ResetFactorsDialog({ person, onClose }: ResetFactorsDialogProps) {
  const { text } = useText();
  const { name } = person;
  const reset = useMutation({
    mutationFn: () => api('DELETE /api/people/:id/second-factor', { params: { id: person.id } }),
    onSuccess: async () => {
      onClose();
      showToast(text('people.factorsReset', { name }));
      await queries.invalidateQueries({ queryKey: ['people'] });
    },
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('people.reset-factors.title', { name })}
      description={text('people.reset-factors.text')}
      action={text('people.reset-factors')}
      busy={reset.isPending}
      problem={reset.isError && <ErrorNotice error={reset.error} />}
      onConfirm={() => reset.mutate()}
    />
  );
}
