import type { LucideIcon } from 'lucide-react';
import type { ComponentProps } from 'react';
import { classNames } from './class-names.js';
import { Tooltip } from './tooltip.js';

interface IconButtonProps extends Omit<ComponentProps<'button'>, 'children'> {
  readonly icon: LucideIcon;
  readonly label: string;
  readonly large?: boolean;
}

/** A button of one icon, named by its label and tooltip. */
export function IconButton({ icon: Icon, label, large = false, className, ...rest }: IconButtonProps) {
  return (
    <Tooltip label={label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        className={classNames(
          'inline-flex shrink-0 items-center justify-center rounded-control text-soft transition-colors duration-150 hover:bg-hover hover:text-text disabled:cursor-not-allowed disabled:opacity-45 aria-pressed:text-accent-text',
          large ? 'size-10' : 'size-8',
          className,
        )}
      >
        <Icon size={large ? 20 : 16} aria-hidden />
      </button>
    </Tooltip>
  );
}
