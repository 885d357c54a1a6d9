import { X } from 'lucide-react';
import { useEffect, useSyncExternalStore } from 'react';
import { Button } from './button.js';
import { IconButton } from './icon-button.js';
import { useText } from './use-text.js';

interface Toast {
  readonly id: number;
  readonly message: string;
  readonly lastsMs: number;
  readonly undo?: () => void;
}

/** Time to undo, in ms; the same for every deletion. */
export const undoMs = 8_000;
const noteMs = 5_000;

let toasts: readonly Toast[] = [];
let nextId = 1;
const listeners = new Set<() => void>();

function change(next: readonly Toast[]): void {
  toasts = next;
  for (const listener of listeners) listener();
}

/** Shows a line at the foot of the page; with `undo` it carries that button and stays 8 s. */
export function showToast(message: string, undo?: () => void): void {
  const id = nextId++;
  const toast = undo === undefined ? { id, message, lastsMs: noteMs } : { id, message, undo, lastsMs: undoMs };
  change([...toasts.slice(-2), toast]);
}

function ToastLine({ toast }: { readonly toast: Toast }) {
  const { text } = useText();
  const close = (): void => change(toasts.filter((other) => other.id !== toast.id));
  useEffect(() => {
    const timer = setTimeout(() => change(toasts.filter((other) => other.id !== toast.id)), toast.lastsMs);
    return () => clearTimeout(timer);
  }, [toast]);
  return (
    <li className="pointer-events-auto flex max-w-full animate-rise items-center gap-2 rounded-card border border-line bg-raised py-1 ps-4 pe-1 text-body shadow-float">
      <span className="min-w-0 flex-1 truncate">{toast.message}</span>
      {toast.undo !== undefined && (
        <Button
          small
          look="quiet"
          className="text-accent-text"
          onClick={() => {
            toast.undo?.();
            close();
          }}
        >
          {text('ui.undo')}
        </Button>
      )}
      <IconButton icon={X} label={text('ui.close')} onClick={close} />
    </li>
  );
}

/** Place of the toasts; once in a page. */
export function Toasts() {
  const { text } = useText();
  const shown = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => toasts,
  );
  return (
    <section
      aria-label={text('ui.notifications')}
      aria-live="polite"
      className="pointer-events-none fixed inset-x-3 bottom-[calc(16px+env(safe-area-inset-bottom))] z-50"
    >
      <ul className="flex flex-col items-center gap-2">
        {shown.map((toast) => (
          <ToastLine key={toast.id} toast={toast} />
        ))}
      </ul>
    </section>
  );
}
