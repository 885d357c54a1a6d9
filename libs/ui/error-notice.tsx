import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { offlineCode, errorView } from './request-failure.js';
import { Button } from './button.js';
import { useText } from './use-text.js';

const kinds: Readonly<Record<string, 'offline' | 'unconfirmed'>> = {
  [offlineCode]: 'offline',
  step_up_required: 'unconfirmed',
};

interface ErrorNoticeProps {
  readonly error: unknown;
  readonly onRetry?: () => void;
  readonly children?: ReactNode;
}

/** What happened, what to do, and the id that names it in our logs. */
export function ErrorNotice({ error, onRetry, children }: ErrorNoticeProps) {
  const { text, locale } = useText();
  const view = errorView(error);
  const kind = kinds[view.code] ?? 'unknown';
  // The person has just closed the dialog that says the same in their language.
  const isOurs = view.code === 'step_up_required';
  const message = view.message === '' || isOurs ? text(`ui.error.${kind}`) : view.message;
  const action = view.action === '' || isOurs ? text(`ui.error.${kind}Action`) : view.action;
  const time = new Intl.DateTimeFormat(locale, { timeStyle: 'short' });
  return (
    <div role="alert" className="flex gap-3 rounded-card bg-danger-soft p-3 text-small text-text">
      <CircleAlert size={16} aria-hidden className="mt-px shrink-0 text-danger" />
      <div className="flex min-w-0 flex-1 flex-col gap-1">
        <p className="font-medium break-words">{message}</p>
        <p className="break-words">{action}</p>
        {view.retryAt !== undefined && <p>{text('ui.retryAt', { time: time.format(new Date(view.retryAt)) })}</p>}
        {view.requestId !== '' && <p className="break-all text-soft">{text('ui.requestId', { id: view.requestId })}</p>}
        {children}
      </div>
      {onRetry !== undefined && (
        <Button small onClick={onRetry}>
          {text('ui.retry')}
        </Button>
      )}
    </div>
  );
}
