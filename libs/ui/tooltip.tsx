import { Tooltip as Radix } from 'radix-ui';
import type { ReactNode } from 'react';

/** A few words on hover and focus; never the only place of a name. */
export function Tooltip({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content
          sideOffset={6}
          collisionPadding={8}
          className="pointer-events-none z-50 max-w-64 animate-appear rounded-control bg-text px-2 py-1 text-small text-page"
        >
          {label}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

/** Delay shared by all tooltips under it, in ms: long enough not to follow a moving pointer. */
export function TooltipScope({ children }: { readonly children: ReactNode }) {
  return <Radix.Provider delayDuration={450}>{children}</Radix.Provider>;
}
