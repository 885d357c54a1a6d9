import { boot } from './boot.js';
import { classNames } from './class-names.js';

/** The tenant's logo, or the first letter of its name on the accent. Decorative: the name stands beside it. */
export function Logo({ large = false }: { readonly large?: boolean }) {
  const { logoUrl, displayName } = boot.branding;
  const size = large ? 'size-14' : 'size-7';
  if (logoUrl !== null) return <img src={logoUrl} alt="" className={classNames('shrink-0 object-contain', size)} />;
  return (
    <span
      aria-hidden
      className={classNames(
        'inline-flex shrink-0 items-center justify-center bg-accent font-semibold text-on-accent',
        size,
        large ? 'rounded-card text-display' : 'rounded-control text-body',
      )}
    >
      {displayName.slice(0, 1).toUpperCase()}
    </span>
  );
}
