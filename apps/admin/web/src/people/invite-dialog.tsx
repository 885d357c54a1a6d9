import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { formatTime } from '#libs/ui/format.js';
import { SelectField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { ShownOnce } from '../parts/shown-once.js';
import { type RoleName, useRoles } from './roles.js';

/** Invites somebody; the link is shown once and sent by whoever made it. */
export function InviteDialog({ onClose }: { readonly onClose: () => void }) {
  const { text, locale } = useText();
  const [email, setEmail] = useState('');
  const [role, setRole] = useState<RoleName>('member');
  const roles = useRoles();
  const invite = useMutation({
    mutationFn: () => api('POST /api/invitations', { body: { email: email.trim(), role } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['invitations'] }),
  });
  if (invite.isSuccess)
    return (
      <Dialog open onClose={onClose} title={text('invite.made', { email })} description={text('invite.send')}>
        <ShownOnce label={text('invite.link')} value={invite.data.url} />
        <p className="text-small text-soft">
          {text('link.expires', { time: formatTime(invite.data.expiresAt, locale) })}
        </p>
        <div className="flex justify-end">
          <Button onClick={onClose}>{text('ui.close')}</Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog open onClose={onClose} title={text('people.invite')} description={text('invite.text')}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          invite.mutate();
        }}
      >
        <TextField
          label={text('invite.email')}
          type="email"
          required
          autoComplete="off"
          value={email}
          onChange={(event) => setEmail(event.target.value)}
        />
        <SelectField
          label={text('people.role')}
          help={roles.find(({ value }) => value === role)?.help}
          value={role}
          options={roles}
          onChoose={(value) => setRole(roles.find((one) => one.value === value)?.value ?? 'member')}
        />
        {invite.isError && <ErrorNotice error={invite.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="solid" busy={invite.isPending}>
            {text('invite.make')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
