import { RotateCcw } from 'lucide-react';
import { memo, type ReactNode } from 'react';
import type { MessageView } from '#libs/contracts/chat-views.js';
import { classNames } from '#libs/ui/class-names.js';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { useText } from '#libs/ui/use-text.js';
import { Markdown } from '../markdown/markdown.js';
import { useLiveAnswer } from '../realtime/live-answers.js';
import { AnswerInfo } from './answer-info.js';
import { AnswerNotices } from './answer-notices.js';
import { FeedbackButtons } from './feedback-buttons.js';

/** Holds the place of an answer that has no text yet. */
export function ThreeDots() {
  const { text } = useText();
  return (
    <div className="flex h-6.5 items-center gap-1.5" role="status" data-testid="three-dots">
      <span className="sr-only">{text('thread.thinking')}</span>
      <span className="size-1.5 animate-dot rounded-full bg-soft" />
      <span className="size-1.5 animate-dot rounded-full bg-soft [animation-delay:150ms]" />
      <span className="size-1.5 animate-dot rounded-full bg-soft [animation-delay:300ms]" />
    </div>
  );
}

interface AnswerMessageProps {
  readonly message: MessageView;
  readonly branches: ReactNode;
  /** Changes whenever the callbacks or the branches do something else than before. */
  readonly stamp: string;
  readonly newest: boolean;
  /** Nothing else runs, so that a new turn may start. */
  readonly idle: boolean;
  /** A turn that goes on with this very answer is on its way. */
  readonly resuming: boolean;
  readonly onRegenerate: () => void;
  readonly onContinue: () => void;
}

/** An answer: its text, what there is to say about it, and what can be done with it. */
export const AnswerMessage = memo(function AnswerMessage(props: AnswerMessageProps) {
  const { message, branches, newest, idle, resuming, onRegenerate, onContinue } = props;
  const { text } = useText();
  const stored = message.answer;
  const live = useLiveAnswer(stored?.status === 'running' ? stored.generationId : undefined);
  if (stored === null) return null;
  // An answer that goes on keeps its text on screen until the line has brought it again.
  const words = live === undefined || live.text === '' ? message.text : live.text;
  const status = resuming ? 'running' : (live?.status ?? stored.status);
  const running = status === 'running';
  return (
    <article className="group" aria-busy={running} data-testid="answer" data-status={status}>
      <h2 className="sr-only">{text('thread.answer')}</h2>
      {words !== '' && <Markdown text={words} growing={running} cut={status !== 'complete'} />}
      {status === 'complete' && words.trim() === '' && <p className="text-soft">{text('thread.emptyAnswer')}</p>}
      {running && (words === '' || resuming) && <ThreeDots />}
      <AnswerNotices
        demo={live?.demo ?? stored.demo}
        notices={live?.notices ?? stored.notices}
        status={status}
        error={live?.error ?? stored.error}
        onContinue={newest && idle ? onContinue : null}
        onRetry={newest && idle ? onRegenerate : null}
      />
      <div
        className={classNames(
          '-ms-2 flex h-9 items-center pt-1 transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100',
          running && 'invisible',
          !newest && 'hover-capable:opacity-0',
        )}
      >
        {!running && (
          <>
            <CopyIconButton value={() => words} label={text('thread.copyAnswer')} />
            {idle && <IconButton icon={RotateCcw} label={text('thread.regenerate')} onClick={onRegenerate} />}
            <FeedbackButtons message={message} />
            <AnswerInfo answer={stored} />
            {branches}
          </>
        )}
      </div>
    </article>
  );
}, sameAnswer);

/** Callbacks are new at each draw and do the same; comparing them would redraw every answer at every key. */
function sameAnswer(before: AnswerMessageProps, after: AnswerMessageProps): boolean {
  return (
    before.message === after.message &&
    before.stamp === after.stamp &&
    before.newest === after.newest &&
    before.idle === after.idle &&
    before.resuming === after.resuming
  );
}
