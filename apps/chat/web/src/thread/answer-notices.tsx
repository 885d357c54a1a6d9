import { CircleAlert, Info, RotateCw } from 'lucide-react';
import type { ReactNode } from 'react';
import type { AnswerStatus, TurnNotice } from '#libs/contracts/chat-views.js';
import type { TurnState } from '#libs/contracts/chat-events.js';
import { Button } from '#libs/ui/button.js';
import { useText, type Text } from '#libs/ui/use-text.js';

function noticeText(notice: TurnNotice, text: Text): string {
  switch (notice.kind) {
    case 'retried':
      return text('notice.retried');
    case 'fallback':
      return text('notice.fallback', { from: notice.fromModel, to: notice.toModel });
    case 'continued':
      return text('notice.continued');
  }
}

interface LineProps {
  readonly icon: typeof Info;
  readonly children: ReactNode;
}

function Line({ icon: Icon, children }: LineProps) {
  return (
    <div className="flex flex-wrap items-center gap-x-2 gap-y-1.5 text-small text-soft">
      <Icon size={16} aria-hidden className="shrink-0" />
      {children}
    </div>
  );
}

interface EndLineProps {
  readonly status: AnswerStatus;
  readonly error: TurnState['error'];
  readonly onContinue: (() => void) | null;
  readonly onRetry: (() => void) | null;
}

function EndLine({ status, error, onContinue, onRetry }: EndLineProps) {
  const { text } = useText();
  if (status === 'running' || status === 'complete') return null;
  const goOn = onContinue !== null && (
    <Button small onClick={onContinue}>
      {text('notice.continue')}
    </Button>
  );
  const again = onRetry !== null && (
    <Button small onClick={onRetry}>
      {text('notice.retry')}
    </Button>
  );
  if (status === 'stopped')
    return (
      <Line icon={Info}>
        <span className="me-1">{text('notice.stopped')}</span>
        {goOn}
      </Line>
    );
  const failed = status === 'failed';
  return (
    <div
      data-testid="answer-error"
      className="flex flex-wrap items-center gap-x-3 gap-y-2 rounded-card bg-danger-soft px-3 py-2 text-small text-text"
    >
      <CircleAlert size={16} aria-hidden className="shrink-0 text-danger" />
      <span className="min-w-0 flex-1 basis-60 break-words">
        {failed ? `${error?.message ?? text('notice.failed')} ${error?.action ?? ''}` : text('notice.interrupted')}
      </span>
      {!failed && goOn}
      {again}
    </div>
  );
}

interface AnswerNoticesProps extends EndLineProps {
  readonly demo: boolean;
  readonly notices: readonly TurnNotice[];
}

/** What the reader should know about an answer, each in one line, with the button that helps. */
export function AnswerNotices({ demo, notices, ...end }: AnswerNoticesProps) {
  const { text } = useText();
  // A reader need not know how often: one line for each kind.
  const lines = [...new Set(notices.map((notice) => noticeText(notice, text)))];
  return (
    <div className="flex flex-col gap-2 pt-2 empty:hidden">
      {lines.map((line) => (
        <Line key={line} icon={RotateCw}>
          {line}
        </Line>
      ))}
      <EndLine {...end} />
      {demo && (
        <p
          className="w-fit rounded-full border border-line px-2.5 py-0.5 text-small text-soft"
          data-testid="demo-label"
        >
          {text('notice.demo')}
        </p>
      )}
    </div>
  );
}
