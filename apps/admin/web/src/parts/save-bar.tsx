import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { useText } from '#libs/ui/use-text.js';

interface SaveBarProps {
  /** What has changed, by the labels of the fields. */
  readonly changed: readonly string[];
  readonly busy: boolean;
  readonly error: unknown;
  readonly onDiscard: () => void;
}

/** Says what has changed and saves it; part of a form. */
export function SaveBar({ changed, busy, error, onDiscard }: SaveBarProps) {
  const { text } = useText();
  if (changed.length === 0 && error === null) return null;
  return (
    <div className="sticky bottom-0 -mx-1 flex flex-col gap-3 bg-page px-1 py-3">
      {error !== null && <ErrorNotice error={error} />}
      {changed.length > 0 && (
        <div
          role="status"
          data-testid="save-bar"
          className="flex animate-rise flex-wrap items-center justify-between gap-3 rounded-card border border-line bg-raised py-2 ps-4 pe-2 shadow-float"
        >
          <p className="min-w-0 flex-1 basis-48">{text('save.changed', { fields: changed.join(', ') })}</p>
          <div className="flex gap-2">
            <Button small onClick={onDiscard}>
              {text('save.discard')}
            </Button>
            <Button small look="solid" type="submit" busy={busy}>
              {text('save.save')}
            </Button>
          </div>
        </div>
      )}
    </div>
  );
}
