import { Button } from '#libs/ui/button.js';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { RequestFailure } from '#libs/ui/request-failure.js';
import { useText } from '#libs/ui/use-text.js';
import { useConnected } from '../realtime/connection-state.js';
import { connection } from '../realtime/connection.js';
import { outbox, type PendingTurn } from '../realtime/outbox.js';
import { ThreeDots } from './answer-message.js';
import { Bubble } from './user-message.js';

interface PendingMessageProps {
  readonly turn: PendingTurn;
  /** Gives the words of a refused message back to the composer. */
  readonly onTakeBack: (words: string) => void;
}

/** A turn on its way: shown at once, before the server has said a word. */
export function PendingMessage({ turn, onTakeBack }: PendingMessageProps) {
  const { text } = useText();
  const connected = useConnected();
  const { intent, clientId } = turn.request;
  const words = 'text' in intent ? intent.text : null;
  const takeBack = (): void => {
    outbox.remove(clientId);
    if (words !== null) onTakeBack(words);
  };
  const waits = turn.error === null && !connected;
  return (
    <div className="flex flex-col gap-4" data-testid="pending-message">
      {words !== null && <Bubble words={words} waiting={waits} />}
      {waits && (
        <p className="text-end text-small text-soft" role="status">
          {text('thread.waits')}
        </p>
      )}
      {turn.error === null && !waits && intent.kind !== 'continue' && <ThreeDots />}
      {turn.error !== null && (
        <ErrorNotice error={new RequestFailure(turn.error, 0)}>
          <div className="flex flex-wrap gap-2 pt-1">
            <Button small onClick={() => connection.retry(clientId)}>
              {text('ui.retry')}
            </Button>
            <Button small look="quiet" onClick={takeBack}>
              {text(words === null ? 'thread.dismiss' : 'thread.takeBack')}
            </Button>
          </div>
        </ErrorNotice>
      )}
    </div>
  );
}
