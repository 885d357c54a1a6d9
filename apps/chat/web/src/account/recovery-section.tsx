import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { SecurityView } from '#libs/contracts/security-api.js';
import { Button } from '#libs/ui/button.js';
import { ConfirmDialog, Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatDay } from '#libs/ui/format.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { RecoveryCodeList } from '../factors/recovery-code-list.js';
import { Section } from './section.js';

/** So few left that somebody should make new ones. */
const few = 3;

function RenewDialog({ onClose }: { readonly onClose: () => void }) {
  const { text } = useText();
  const renew = useMutation({
    mutationFn: () => api('POST /api/security/recovery-codes'),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['security'] }),
  });
  if (renew.data !== undefined)
    return (
      <Dialog open onClose={onClose} title={text('security.codes')}>
        <RecoveryCodeList codes={renew.data.recoveryCodes} onDone={onClose} />
      </Dialog>
    );
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={text('security.codes.renew.title')}
      description={text('security.codes.renew.text')}
      action={text('security.codes.renew')}
      busy={renew.isPending}
      problem={renew.isError && <ErrorNotice error={renew.error} />}
      onConfirm={() => renew.mutate()}
    />
  );
}

/** How many recovery codes are left, and the way to new ones. */
export function RecoverySection({ codes }: { readonly codes: NonNullable<SecurityView['recoveryCodes']> }) {
  const { text, locale } = useText();
  const [renewing, setRenewing] = useState(false);
  const day = formatDay(codes.createdAt, locale);
  return (
    <Section
      title={text('security.codes')}
      help={
        <>
          <p>{text('security.codes.help')}</p>
          <p className="pt-1" data-testid="codes-left">
            {text('security.codes.left', { count: codes.left, day })}
          </p>
        </>
      }
      actions={
        <Button small look={codes.left <= few ? 'solid' : 'outline'} onClick={() => setRenewing(true)}>
          {text('security.codes.renew')}
        </Button>
      }
    >
      {codes.left <= few && (
        <p role="status" className="mt-3 rounded-card bg-warning-soft p-3 text-small text-warning">
          {text('security.codes.few')}
        </p>
      )}
      {renewing && <RenewDialog onClose={() => setRenewing(false)} />}
    </Section>
  );
}
