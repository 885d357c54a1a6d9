import { Pencil } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Button } from '#libs/ui/button.js';
import { classNames } from '#libs/ui/class-names.js';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { inputClasses } from '#libs/ui/text-field.js';
import { useText } from '#libs/ui/use-text.js';

/** What the person said, in its bubble. */
export function Bubble({ words, waiting = false }: { readonly words: string; readonly waiting?: boolean }) {
  const { text } = useText();
  return (
    <div
      dir="auto"
      className={classNames(
        'ms-auto w-fit max-w-[85%] rounded-composer bg-hover px-4 py-2.5 text-chat whitespace-pre-wrap [overflow-wrap:anywhere]',
        waiting && 'opacity-70',
      )}
    >
      <span className="sr-only">{text('thread.you')}</span>
      {words}
    </div>
  );
}

interface UserMessageProps {
  readonly words: string;
  readonly branches: ReactNode;
  readonly mayEdit: boolean;
  readonly onEdit: (words: string) => void;
}

/** A message of the person; editing it starts a new branch. */
export function UserMessage({ words, branches, mayEdit, onEdit }: UserMessageProps) {
  const { text } = useText();
  const [draft, setDraft] = useState<string | null>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const editing = draft !== null;
  useEffect(() => {
    // The person asked to type here.
    if (editing) field.current?.focus();
  }, [editing]);
  if (draft !== null)
    return (
      <form
        className="flex flex-col gap-2"
        onSubmit={(event) => {
          event.preventDefault();
          if (draft.trim() === '') return;
          onEdit(draft.trim());
          setDraft(null);
        }}
      >
        <textarea
          ref={field}
          aria-label={text('thread.editLabel')}
          rows={Math.min(12, draft.split('\n').length + 1)}
          value={draft}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => {
            if (event.key === 'Escape') setDraft(null);
          }}
          className={classNames(inputClasses, 'rounded-card text-chat')}
        />
        <div className="flex justify-end gap-2">
          <Button small onClick={() => setDraft(null)}>
            {text('ui.cancel')}
          </Button>
          <Button small type="submit" look="solid" disabled={!mayEdit || draft.trim() === ''}>
            {text('composer.send')}
          </Button>
        </div>
      </form>
    );
  return (
    <div className="group flex flex-col items-end gap-1" data-testid="user-message">
      <Bubble words={words} />
      <div className="flex h-8 items-center transition-opacity duration-150 group-focus-within:opacity-100 group-hover:opacity-100 hover-capable:opacity-0">
        {branches}
        <CopyIconButton value={() => words} label={text('thread.copyMessage')} />
        {mayEdit && <IconButton icon={Pencil} label={text('thread.edit')} onClick={() => setDraft(words)} />}
      </div>
    </div>
  );
}
