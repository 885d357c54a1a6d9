import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { RightView, RoleView } from '#libs/contracts/roles-api.js';
import { Button } from '#libs/ui/button.js';
import { Dialog } from '#libs/ui/dialog.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { TextField } from '#libs/ui/text-field.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';
import { RightsMatrix } from './rights-matrix.js';

interface RoleDialogProps {
  /** Null: a new one. */
  readonly edited: RoleView | null;
  readonly onClose: () => void;
}

/** Makes or changes a role. */
export function RoleDialog({ edited: role, onClose }: RoleDialogProps) {
  const { text } = useText();
  const [name, setName] = useState(role?.name ?? '');
  const [description, setDescription] = useState(role?.description ?? '');
  const [rights, setRights] = useState<readonly RightView[]>(role?.rights ?? []);
  const save = useMutation({
    mutationFn: () => {
      const body = { name: name.trim(), description: description.trim(), rights: [...rights] };
      if (role === null) return api('POST /api/roles', { body });
      return api('PUT /api/roles/:id', { params: { id: role.id }, body: { ...body, version: role.version } });
    },
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['roles'] });
      onClose();
      showToast(text('roles.saved', { name: name.trim() }));
    },
  });
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={role === null ? text('roles.new') : text('roles.edit', { name: role.name })}
    >
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save.mutate();
        }}
      >
        <TextField
          label={text('roles.name')}
          required
          maxLength={60}
          autoComplete="off"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label={text('roles.description')}
          maxLength={300}
          autoComplete="off"
          value={description}
          onChange={(event) => setDescription(event.target.value)}
        />
        <RightsMatrix rights={rights} onChange={setRights} />
        {save.isError && <ErrorNotice error={save.error} />}
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="solid" busy={save.isPending}>
            {text('roles.save')}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
