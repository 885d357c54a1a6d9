import { Check, type LucideIcon } from 'lucide-react';
import { DropdownMenu as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { classNames } from './class-names.js';

const itemClasses =
  'flex min-h-9 cursor-default items-center gap-2 rounded-control px-2 text-body outline-none select-none data-highlighted:bg-hover data-disabled:opacity-50 max-md:min-h-11';

interface MenuProps {
  readonly trigger: ReactNode;
  readonly align?: 'start' | 'end';
  readonly side?: 'top' | 'bottom';
  /** Runs when the menu has gone; `preventDefault` keeps the focus from going back to the button. */
  readonly onClosed?: (event: Event) => void;
  readonly children: ReactNode;
}

/** A menu under its button. Not modal: modal ones lock scrolling by a style element, which the CSP refuses. */
export function Menu({ trigger, align = 'end', side = 'bottom', onClosed, children }: MenuProps) {
  return (
    <Radix.Root modal={false}>
      <Radix.Trigger asChild>{trigger}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          align={align}
          side={side}
          sideOffset={6}
          collisionPadding={8}
          {...(onClosed === undefined ? {} : { onCloseAutoFocus: onClosed })}
          className="z-50 max-h-[var(--radix-dropdown-menu-content-available-height)] min-w-52 max-w-[min(360px,94vw)] animate-appear overflow-y-auto rounded-card border border-line bg-raised p-1 shadow-float"
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

interface MenuItemProps {
  readonly icon?: LucideIcon;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
  readonly children: ReactNode;
}

export function MenuItem({ icon: Icon, danger = false, disabled = false, onSelect, children }: MenuItemProps) {
  return (
    <Radix.Item
      disabled={disabled}
      onSelect={onSelect}
      className={classNames(itemClasses, danger ? 'text-danger' : 'text-text')}
    >
      {Icon !== undefined && <Icon size={16} aria-hidden className={danger ? '' : 'text-soft'} />}
      {children}
    </Radix.Item>
  );
}

export function MenuHeading({ children }: { readonly children: ReactNode }) {
  return <Radix.Label className="px-2 pt-2 pb-1 text-small text-soft">{children}</Radix.Label>;
}

export function MenuLine() {
  return <Radix.Separator className="mx-1 my-1 h-px bg-line" />;
}

interface MenuChoiceProps {
  readonly value: string;
  readonly options: readonly {
    readonly value: string;
    readonly label: ReactNode;
    readonly disabled?: boolean;
  }[];
  readonly onChoose: (value: string) => void;
}

/** One of several, with a tick at the one that holds. */
export function MenuChoice({ value, options, onChoose }: MenuChoiceProps) {
  return (
    <Radix.RadioGroup value={value} onValueChange={onChoose}>
      {options.map((option) => (
        <Radix.RadioItem
          key={option.value}
          value={option.value}
          disabled={option.disabled === true}
          className={itemClasses}
        >
          <span className="min-w-0 flex-1 truncate">{option.label}</span>
          <Radix.ItemIndicator>
            <Check size={16} aria-hidden className="text-accent-text" />
          </Radix.ItemIndicator>
        </Radix.RadioItem>
      ))}
    </Radix.RadioGroup>
  );
}
