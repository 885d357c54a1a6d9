import { useMutation, useQuery } from '@tanstack/react-query';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { AppSetup } from '../factors/app-setup.js';
import { RecoveryCodeList } from '../factors/recovery-code-list.js';

interface AppDialogProps {
  /** Whether another app is there, which the new one replaces. */
  readonly replaces: boolean;
  readonly onClose: () => void;
}

/** Sets an authenticator app up, and shows the recovery codes that come with the first one. */
export function AppDialog({ replaces, onClose }: AppDialogProps) {
  const { text } = useText();
  const setup = useQuery({
    queryKey: ['app-setup'],
    queryFn: () => api('POST /api/security/totp'),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    // A secret is shown once: it does not outlive the dialog.
    gcTime: 0,
  });
  const confirm = useMutation({
    mutationFn: (code: string) =>
      api('POST /api/security/totp/confirm', { body: { setup: setup.data?.setup ?? '', code } }),
    onSuccess: ({ recoveryCodes }) => {
      void queries.invalidateQueries({ queryKey: ['security'] });
      showToast(text(replaces ? 'security.app.replaced' : 'security.app.added'));
      if (recoveryCodes === null) onClose();
    },
  });
  const codes = confirm.data?.recoveryCodes ?? null;
  const title = text(replaces ? 'security.app.replace' : 'security.app.add');
  return (
    <Dialog open onClose={onClose} title={codes === null ? title : text('security.codes')}>
      {codes !== null && <RecoveryCodeList codes={codes} onDone={onClose} />}
      {codes === null && setup.isPending && <Skeleton className="h-96" />}
      {codes === null && setup.isError && <ErrorNotice error={setup.error} />}
      {codes === null && setup.data !== undefined && (
        <AppSetup
          setup={setup.data}
          busy={confirm.isPending}
          error={confirm.error}
          onConfirm={(code) => confirm.mutate(code)}
          onCancel={onClose}
        />
      )}
    </Dialog>
  );
}
