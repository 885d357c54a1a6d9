import { classNames } from './class-names.js';

interface SwitchProps {
  readonly label: string;
  readonly checked: boolean;
  readonly disabled?: boolean;
  /** The label is for screen readers only, because the words stand beside it. */
  readonly quiet?: boolean;
  readonly onChange: (checked: boolean) => void;
}

/** On or off, at once. */
export function Switch({ label, checked, disabled = false, quiet = false, onChange }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      aria-checked={checked}
      aria-label={label}
      disabled={disabled}
      onClick={() => onChange(!checked)}
      className="inline-flex min-h-8 items-center gap-2 rounded-control disabled:cursor-not-allowed disabled:opacity-55"
    >
      <span
        className={classNames(
          'relative h-6 w-10 shrink-0 rounded-full border transition-colors duration-150',
          checked ? 'border-accent bg-accent' : 'border-edge bg-hover',
        )}
      >
        <span
          className={classNames(
            'absolute top-[3px] size-4 rounded-full transition-[inset-inline-start] duration-150',
            checked ? 'start-[19px] bg-on-accent' : 'start-[3px] bg-soft',
          )}
        />
      </span>
      {!quiet && <span className="text-start text-body">{label}</span>}
    </button>
  );
}
