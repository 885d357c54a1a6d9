import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { PasskeyView } from '#libs/contracts/passkey-api.js';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { PasskeyNotice } from '#libs/ui/passkey-notice.js';
import { makePasskey } from '#libs/ui/passkeys.js';
import { TextField } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api } from '../app/api.js';

interface PasskeyDialogProps {
  /** Null: a new one is made. */
  readonly passkey: PasskeyView | null;
  readonly onDone: () => Promise<void>;
  readonly onClose: () => void;
}

/** Asks for a name, and has the browser make the passkey where there is none yet. */
export function PasskeyDialog({ passkey, onDone, onClose }: PasskeyDialogProps) {
  const { text } = useText();
  const [name, setName] = useState(passkey?.name ?? text('passkeys.defaultName'));
  const save = useMutation({
    mutationFn: async () => {
      if (passkey !== null)
        return api('PATCH /api/me/passkeys/:id', { params: { id: passkey.id }, body: { name: name.trim() } });
      const answer = await makePasskey(await api('POST /api/me/passkey-options'));
      await api('POST /api/me/passkeys', { body: { name: name.trim(), answer } });
    },
    onSuccess: async () => {
      onClose();
      if (passkey === null) showToast(text('passkeys.added'));
      await onDone();
    },
  });
  return (
    <Dialog
      open
      onClose={onClose}
      title={text(passkey === null ? 'passkeys.add' : 'passkeys.renameTitle')}
      description={passkey === null ? text('passkeys.addHelp') : undefined}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label={text('passkeys.name')}
          autoComplete="off"
          required
          maxLength={60}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        {save.isError && <PasskeyNotice error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="solid" busy={save.isPending}>
            {text(passkey === null ? 'passkeys.continue' : 'passkeys.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
