import { useSyncExternalStore } from 'react';

const listeners = new Set<() => void>();
let open = true;
let timer: ReturnType<typeof setTimeout> | undefined;

/** A reconnect shorter than this goes unmentioned, in ms. */
const graceMs = 1_500;

function set(next: boolean): void {
  if (open === next) return;
  open = next;
  for (const listener of listeners) listener();
}

/** Told by the socket; the page hears of a loss only when it lasts. */
export function setConnected(connected: boolean): void {
  clearTimeout(timer);
  if (connected) set(true);
  else timer = setTimeout(() => set(false), navigator.onLine ? graceMs : 0);
}

/** Whether the server is within reach, as far as a reader should care. */
export function useConnected(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => open,
  );
}
