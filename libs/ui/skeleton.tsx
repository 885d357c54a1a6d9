import { classNames } from './class-names.js';

/** Holds the place of what is on its way. */
export function Skeleton({ className }: { readonly className: string }) {
  return <span aria-hidden className={classNames('block animate-pulse rounded-control bg-hover', className)} />;
}
