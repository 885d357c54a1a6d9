import type { ConversationView, MessageView } from '#libs/contracts/chat-views.js';
import { leafUnder, siblingsOf } from '#libs/contracts/message-tree.js';
import { useText } from '#libs/ui/use-text.js';
import { connection } from '../realtime/connection.js';
import type { PendingTurn } from '../realtime/outbox.js';
import { changeThread } from '../threads/use-threads.js';
import { AnswerMessage } from './answer-message.js';
import { BranchSwitch } from './branch-switch.js';
import { PendingMessage } from './pending-message.js';
import { UserMessage } from './user-message.js';

interface MessagesProps {
  readonly thread: ConversationView | null;
  readonly messages: readonly MessageView[];
  readonly path: readonly MessageView[];
  readonly pending: readonly PendingTurn[];
  readonly idle: boolean;
  readonly model: string | undefined;
  readonly onTakeBack: (words: string) => void;
}

/** The part of the path that stays while a turn that branches off is on its way. */
function beforeBranch(path: readonly MessageView[], pending: readonly PendingTurn[]): readonly MessageView[] {
  const branching = pending.find(
    ({ request, error }) => error === null && (request.intent.kind === 'edit' || request.intent.kind === 'regenerate'),
  );
  if (branching === undefined || !('messageId' in branching.request.intent)) return path;
  const { messageId } = branching.request.intent;
  const at = path.findIndex((message) => message.id === messageId);
  return at < 0 ? path : path.slice(0, at);
}

/** The branch on screen, and what is on its way. */
export function Messages({ thread, messages, path, pending, idle, model, onTakeBack }: MessagesProps) {
  const { text } = useText();
  const shown = beforeBranch(path, pending);
  const resumed = pending.find(({ request, error }) => error === null && request.intent.kind === 'continue');
  const resumedId = resumed?.request.intent.kind === 'continue' ? resumed.request.intent.messageId : null;
  const branchesOf = (message: MessageView) => {
    const siblings = siblingsOf(messages, message);
    const show = (place: number): void => {
      const target = siblings[place];
      if (thread !== null && target !== undefined)
        void changeThread(thread, { activeLeafId: leafUnder(messages, target.id) }, text);
    };
    return <BranchSwitch place={siblings.indexOf(message)} count={siblings.length} onMove={show} />;
  };
  return (
    <div className="flex flex-col gap-6">
      {shown.map((message) =>
        message.role === 'user' ? (
          <UserMessage
            key={message.id}
            words={message.text}
            branches={branchesOf(message)}
            mayEdit={idle}
            onEdit={(words) =>
              connection.send({ kind: 'edit', messageId: message.id, text: words }, message.conversationId, model)
            }
          />
        ) : (
          <AnswerMessage
            key={message.id}
            message={message}
            branches={branchesOf(message)}
            stamp={`${model ?? ''} ${siblingsOf(messages, message).length}`}
            newest={message === path.at(-1)}
            idle={idle}
            resuming={message.id === resumedId}
            onRegenerate={() =>
              connection.send({ kind: 'regenerate', messageId: message.id }, message.conversationId, model)
            }
            onContinue={() => connection.send({ kind: 'continue', messageId: message.id }, message.conversationId)}
          />
        ),
      )}
      {pending.map((turn) => (
        <PendingMessage key={turn.request.clientId} turn={turn} onTakeBack={onTakeBack} />
      ))}
    </div>
  );
}
