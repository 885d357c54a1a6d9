import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { PasswordField } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';

interface PasswordDialogProps {
  readonly hasPassword: boolean;
  readonly onClose: () => void;
}

/** Sets or changes the own password. */
export function PasswordDialog({ hasPassword, onClose }: PasswordDialogProps) {
  const { text } = useText();
  const [current, setCurrent] = useState('');
  const [password, setPassword] = useState('');
  const save = useMutation({
    mutationFn: () => api('PUT /api/me/password', { body: hasPassword ? { current, password } : { password } }),
    onSuccess: async () => {
      onClose();
      showToast(text('account.passwordChanged'));
      await Promise.all(
        [['me'], ['security'], ['sessions']].map((queryKey) => queries.invalidateQueries({ queryKey })),
      );
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text(hasPassword ? 'account.changePassword' : 'account.setPassword')}
      description={text('account.passwordEnds')}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        {hasPassword && (
          <PasswordField
            label={text('account.currentPassword')}
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
          />
        )}
        <PasswordField
          label={text('signIn.newPassword')}
          help={text('signIn.passwordHelp')}
          autoComplete="new-password"
          required
          minLength={12}
          maxLength={256}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        {save.isError && <ErrorNotice error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="solid" busy={save.isPending}>
            {text('account.savePassword')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
