import { useState } from 'react';

const keyOf = (thread: string): string => `whisper.draft.${thread}`;

/** What is written but not sent in a thread (`new` for the next one); survives reload and a change of thread. */
export function useDraft(thread: string): [string, (text: string) => void] {
  const [draft, setDraft] = useState(() => localStorage.getItem(keyOf(thread)) ?? '');
  const write = (text: string): void => {
    setDraft(text);
    if (text === '') localStorage.removeItem(keyOf(thread));
    else localStorage.setItem(keyOf(thread), text);
  };
  return [draft, write];
}
