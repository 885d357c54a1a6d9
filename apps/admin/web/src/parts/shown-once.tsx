import { CopyButton } from '#libs/ui/copy-button.js';
import { useText } from '#libs/ui/use-text.js';

interface ShownOnceProps {
  readonly label: string;
  readonly value: string;
}

/** A secret that cannot be shown again, ready to be copied. */
export function ShownOnce({ label, value }: ShownOnceProps) {
  const { text } = useText();
  return (
    <div className="flex flex-col gap-2 rounded-card bg-warning-soft p-3">
      <p className="text-small text-warning">{text('once.warning')}</p>
      <div className="flex flex-wrap items-center gap-2">
        <code
          aria-label={label}
          dir="ltr"
          data-testid="shown-once"
          className="min-w-0 flex-1 basis-52 rounded-control border border-line bg-raised px-3 py-1.5 font-mono text-small break-all"
        >
          {value}
        </code>
        <CopyButton value={() => value} />
      </div>
    </div>
  );
}
