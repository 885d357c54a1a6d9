import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { SecurityView } from '#libs/contracts/security-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatDay } from '#libs/ui/format.js';
import { RequestFailure } from '#libs/ui/request-failure.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { AppDialog } from './app-dialog.js';
import { Section } from './section.js';

function RemoveDialog({ onClose }: { readonly onClose: () => void }) {
  const { text } = useText();
  const remove = useMutation({
    mutationFn: () => api('DELETE /api/security/totp'),
    onSuccess: async () => {
      onClose();
      showToast(text('security.app.removed'));
      await queries.invalidateQueries({ queryKey: ['security'] });
    },
  });
  const isRequired = remove.error instanceof RequestFailure && remove.error.view.code === 'second_factor_required';
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('security.app.remove.title')}
      description={text('security.app.remove.text')}
      action={text('security.app.remove')}
      busy={remove.isPending}
      problem={
        isRequired ? (
          <p role="alert" className="rounded-card bg-danger-soft p-3 text-small">
            {text('security.app.remove.required')}
          </p>
        ) : (
          remove.isError && <ErrorNotice error={remove.error} />
        )
      }
      onConfirm={() => remove.mutate()}
    />
  );
}

/** The authenticator app: set up, replace, remove. */
export function AppSection({ security }: { readonly security: SecurityView }) {
  const { text, locale } = useText();
  const [asking, setAsking] = useState<'set-up' | 'remove' | null>(null);
  const { totp, secondFactor } = security;
  const close = (): void => setAsking(null);
  return (
    <Section
      title={text('security.app')}
      help={
        <>
          <p>
            {totp === null
              ? text('security.app.none')
              : text('security.app.since', { day: formatDay(totp.createdAt, locale) })}
          </p>
          {secondFactor === 'required' && <p className="pt-1 text-small">{text('security.required')}</p>}
        </>
      }
      actions={
        <>
          <Button small look={totp === null ? 'solid' : 'outline'} onClick={() => setAsking('set-up')}>
            {text(totp === null ? 'security.app.add' : 'security.app.replace')}
          </Button>
          {totp !== null && (
            <Button small onClick={() => setAsking('remove')}>
              {text('security.app.remove')}
            </Button>
          )}
        </>
      }
    >
      {asking === 'set-up' && <AppDialog replaces={totp !== null} onClose={close} />}
      {asking === 'remove' && <RemoveDialog onClose={close} />}
    </Section>
  );
}
