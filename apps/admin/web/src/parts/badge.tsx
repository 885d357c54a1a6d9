import type { ReactNode } from 'react';
import { classNames } from '#libs/ui/class-names.js';

const looks = {
  plain: 'border border-line text-soft',
  accent: 'bg-accent-soft text-accent-text',
  good: 'border border-line text-good',
  warning: 'bg-warning-soft text-warning',
  danger: 'bg-danger-soft text-danger',
} as const;

interface BadgeProps {
  readonly look?: keyof typeof looks;
  readonly children: ReactNode;
}

/** A state in a word. */
export function Badge({ look = 'plain', children }: BadgeProps) {
  return (
    <span className={classNames('inline-block rounded-full px-2 py-px text-small whitespace-nowrap', looks[look])}>
      {children}
    </span>
  );
}
