import type { ComponentProps } from 'react';
import { classNames } from './class-names.js';

/** Solid for the one main action, outline beside it, quiet elsewhere, danger where something is lost. */
export type ButtonLook = 'solid' | 'outline' | 'quiet' | 'danger';

const looks: Record<ButtonLook, string> = {
  solid: 'bg-accent text-on-accent hover:bg-accent-hover',
  outline: 'border border-line bg-raised text-text hover:bg-hover',
  quiet: 'text-text hover:bg-hover',
  danger: 'bg-danger-solid text-white hover:opacity-90',
};

interface ButtonProps extends ComponentProps<'button'> {
  readonly look?: ButtonLook;
  readonly small?: boolean;
  /** Working on it: no second click, but the label stays readable. */
  readonly busy?: boolean;
}

/** The classes of a button, for links that look like one. */
export function buttonClasses(look: ButtonLook, small = false): string {
  return classNames(
    'inline-flex shrink-0 items-center justify-center gap-2 rounded-control font-medium transition-colors duration-150 select-none disabled:cursor-not-allowed disabled:opacity-55 aria-disabled:opacity-55',
    small ? 'min-h-8 px-3 text-small' : 'min-h-10 px-4 text-body',
    looks[look],
  );
}

export function Button({ look = 'outline', small = false, busy = false, className, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={rest.disabled === true || busy}
      aria-busy={busy || undefined}
      className={classNames(buttonClasses(look, small), className)}
    />
  );
}
