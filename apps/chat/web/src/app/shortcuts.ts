import { useEffect, useSyncExternalStore } from 'react';

/** The key of this keyboard that shortcuts start with, as it is printed on it. */
export const shortcutKey = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';

const storageKey = 'whisper.shortcuts';
const listeners = new Set<() => void>();
let dialogOpen = false;

function tell(): void {
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function areOn(): boolean {
  return localStorage.getItem(storageKey) !== 'off';
}

/** Whether shortcuts work; a speech or switch user may turn them off (WCAG 2.1.4). */
export function useShortcutsOn(): [boolean, (on: boolean) => void] {
  const on = useSyncExternalStore(subscribe, areOn);
  return [
    on,
    (next) => {
      if (next) localStorage.removeItem(storageKey);
      else localStorage.setItem(storageKey, 'off');
      tell();
    },
  ];
}

export function openShortcuts(): void {
  dialogOpen = true;
  tell();
}

export function closeShortcuts(): void {
  dialogOpen = false;
  tell();
}

export function useShortcutsOpen(): boolean {
  return useSyncExternalStore(subscribe, () => dialogOpen);
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function nameOf(event: KeyboardEvent): string {
  const main = event.metaKey || event.ctrlKey ? 'mod+' : '';
  const shift = event.shiftKey && event.key !== '?' ? 'shift+' : '';
  return `${main}${shift}${event.key.toLowerCase()}`;
}

/** Runs the action of a shortcut such as `mod+k`; single keys only outside of fields. */
export function useShortcuts(actions: Readonly<Record<string, () => void>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const name = nameOf(event);
      const action = actions[name];
      if (action === undefined || event.isComposing || !areOn()) return;
      if (!name.startsWith('mod+') && isTyping(event.target)) return;
      event.preventDefault();
      action();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [actions]);
}
