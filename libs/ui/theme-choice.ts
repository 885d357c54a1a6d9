import { useSyncExternalStore } from 'react';

/** How bright the pages are; `system` follows the device. */
export type ThemeChoice = 'system' | 'light' | 'dark';

/** Shared with public/theme.js, which applies it before the first paint. */
const storageKey = 'whisper.theme';
const listeners = new Set<() => void>();

function current(): ThemeChoice {
  const theme = document.documentElement.dataset['theme'];
  return theme === 'light' || theme === 'dark' ? theme : 'system';
}

/** Applies and remembers a choice. */
export function chooseTheme(choice: ThemeChoice): void {
  if (choice === 'system') {
    delete document.documentElement.dataset['theme'];
    localStorage.removeItem(storageKey);
  } else {
    document.documentElement.dataset['theme'] = choice;
    localStorage.setItem(storageKey, choice);
  }
  for (const listener of listeners) listener();
}

/** The choice as it stands. */
export function useThemeChoice(): ThemeChoice {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, current);
}
