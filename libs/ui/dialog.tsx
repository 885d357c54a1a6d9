import { X } from 'lucide-react';
import { Dialog as Radix } from 'radix-ui';
import { useState, type ReactNode } from 'react';
import { Button } from './button.js';
import { classNames } from './class-names.js';
import { TextField } from './text-field.js';
import { useText } from './use-text.js';

interface DialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description?: ReactNode;
  readonly wide?: boolean;
  /** Over whatever dialog is open already. */
  readonly above?: boolean;
  readonly children?: ReactNode;
}

/**
 * A modal layer. The veil is ours: the one of Radix locks scrolling by a style element made at run time, which the
 * content security policy refuses.
 */
export function Dialog({ open, onClose, title, description, wide = false, above = false, children }: DialogProps) {
  const { text } = useText();
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div aria-hidden className={classNames('fixed inset-0 animate-appear bg-veil', above ? 'z-60' : 'z-40')} />
        <Radix.Content
          {...(description === undefined ? { 'aria-describedby': undefined } : {})}
          className={classNames(
            'fixed inset-x-3 top-[max(12px,12dvh)] mx-auto flex max-h-[80dvh] animate-rise flex-col gap-4 overflow-y-auto overscroll-contain rounded-card bg-raised p-5 shadow-float',
            wide ? 'max-w-3xl' : 'max-w-md',
            above ? 'z-70' : 'z-50',
          )}
        >
          <div className="flex items-start justify-between gap-3">
            <Radix.Title className="text-title font-semibold">{title}</Radix.Title>
            {/* Without a tooltip: it would show at once on the first focus, and take the first Escape. */}
            <button
              type="button"
              aria-label={text('ui.close')}
              onClick={onClose}
              className="inline-flex size-8 shrink-0 items-center justify-center rounded-control text-soft transition-colors duration-150 hover:bg-hover hover:text-text"
            >
              <X size={16} aria-hidden />
            </button>
          </div>
          {description !== undefined && (
            <Radix.Description asChild>
              <div className="text-body text-soft">{description}</div>
            </Radix.Description>
          )}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** A layer from the side of the page, for small screens. */
export function Sheet({ open, onClose, title, children }: Omit<DialogProps, 'description' | 'wide' | 'above'>) {
  return (
    <Radix.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Radix.Portal>
        <div aria-hidden className="fixed inset-0 z-40 animate-appear bg-veil" />
        <Radix.Content
          aria-describedby={undefined}
          onOpenAutoFocus={(event) => {
            // The sheet itself, so that no tooltip opens on its first button.
            event.preventDefault();
            if (event.currentTarget instanceof HTMLElement) event.currentTarget.focus();
          }}
          data-quiet-focus
          className="fixed inset-y-0 start-0 z-50 flex w-[min(300px,86vw)] animate-slide flex-col overflow-hidden bg-sunken pt-[env(safe-area-inset-top)] pb-[env(safe-area-inset-bottom)] shadow-float"
        >
          <Radix.Title className="sr-only">{title}</Radix.Title>
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface ConfirmDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly title: string;
  readonly description: ReactNode;
  readonly action: string;
  /** Must be typed before the button works, where nothing can be undone. */
  readonly word?: string;
  readonly busy?: boolean;
  readonly problem?: ReactNode;
  readonly onConfirm: () => void;
}

/** Says exactly what will happen, then asks. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { text } = useText();
  const [typed, setTyped] = useState('');
  const mayGo = props.word === undefined || typed.trim() === props.word;
  return (
    <Dialog open={props.open} onClose={props.onClose} title={props.title} description={props.description}>
      <form
        className="flex flex-col gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (mayGo) props.onConfirm();
        }}
      >
        {props.word !== undefined && (
          <TextField
            label={text('ui.typeToConfirm', { word: props.word })}
            value={typed}
            autoComplete="off"
            onChange={(event) => setTyped(event.target.value)}
          />
        )}
        {props.problem}
        <div className="flex flex-wrap justify-end gap-2">
          <Button onClick={props.onClose}>{text('ui.cancel')}</Button>
          <Button type="submit" look="danger" disabled={!mayGo} busy={props.busy === true}>
            {props.action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
