import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { SelectField, TextField } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { ShownOnce } from '../parts/shown-once.js';

const lifetimes = ['90', '180', '365', '730'];

/** Makes a token for the directory and shows it once. */
export function NewTokenDialog({ onClose }: { readonly onClose: () => void }) {
  const { text } = useText();
  const [name, setName] = useState('');
  const [lifetime, setLifetime] = useState('365');
  const make = useMutation({
    mutationFn: () => api('POST /api/scim/tokens', { body: { name: name.trim(), expiresInDays: Number(lifetime) } }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ['scim'] }),
  });
  if (make.isSuccess)
    return (
      <Dialog open onClose={onClose} title={text('scim.made')} description={text('scim.madeText')}>
        <ShownOnce label={text('scim.token')} value={make.data.secret} />
        <div className="flex justify-end">
          <Button onClick={onClose}>{text('ui.close')}</Button>
        </div>
      </Dialog>
    );
  return (
    <Dialog open onClose={onClose} title={text('scim.new')}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <TextField
          label={text('keys.name')}
          help={text('scim.nameHelp')}
          required
          maxLength={80}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <SelectField
          label={text('keys.lifetime')}
          value={lifetime}
          options={lifetimes.map((value) => ({ value, label: text('keys.days', { count: Number(value) }) }))}
          onChoose={setLifetime}
        />
        {make.isError && <ErrorNotice error={make.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="solid" busy={make.isPending}>
            {text('scim.make')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
