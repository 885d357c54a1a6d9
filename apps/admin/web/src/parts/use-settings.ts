import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { SettingsChange, SettingsView } from '#libs/contracts/admin-api.js';
import { showToast } from '#libs/ui/toasts.js';
import { useText } from '#libs/ui/use-text.js';
import { api, queries } from '../app/api.js';

/** The settings as the server has them. */
export function useSettings() {
  return useQuery({ queryKey: ['settings'], queryFn: () => api('GET /api/settings') });
}

/** Edits that are not saved yet, over the values they change. */
export interface Draft<Values extends object> {
  readonly values: Values;
  readonly changed: readonly (keyof Values & string)[];
  readonly change: (edit: Partial<Values>) => void;
  readonly discard: () => void;
}

/** Holds edits apart from the saved values, so that the form can say what has changed. */
export function useDraft<Values extends object>(
  saved: Values,
  fields: readonly (keyof Values & string)[],
): Draft<Values> {
  const [edits, setEdits] = useState<Partial<Values>>({});
  const values = { ...saved, ...edits };
  const changed = fields.filter((field) => JSON.stringify(values[field]) !== JSON.stringify(saved[field]));
  return {
    values,
    changed,
    change: (edit) => setEdits((before) => ({ ...before, ...edit })),
    discard: () => setEdits({}),
  };
}

/** Saves a change of settings. */
export function useSaveSettings(onSaved: () => void) {
  const { text } = useText();
  return useMutation({
    mutationFn: (change: SettingsChange) => api('PATCH /api/settings', { body: change }),
    onSuccess: (settings: SettingsView) => {
      queries.setQueryData(['settings'], settings);
      onSaved();
      showToast(text('save.saved'));
    },
  });
}
