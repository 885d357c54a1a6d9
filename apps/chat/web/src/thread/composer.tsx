import { ArrowUp, Square } from 'lucide-react';
import { useLayoutEffect, useRef, type KeyboardEvent, type ReactNode } from 'react';
import { boot } from '#libs/ui/boot.js';
import { formatCount } from '#libs/ui/format.js';
import { Tooltip } from '#libs/ui/tooltip.js';
import { useText } from '#libs/ui/use-text.js';

/** Longest message of the contract, and where the counter begins to show. */
const longest = 200_000;
const counterFrom = 190_000;
/** Share of the window the composer grows to before it scrolls. */
const tallest = 0.4;

/** On touch keyboards there is no Shift+Enter: Enter breaks the line and the button sends. */
const touch = window.matchMedia('(pointer: coarse) and (hover: none)');

interface ComposerProps {
  readonly draft: string;
  readonly onDraft: (text: string) => void;
  readonly onSend: () => void;
  /** Stops the running answer; null when none runs. */
  readonly onStop: (() => void) | null;
  readonly blocked: boolean;
  readonly notice?: ReactNode;
}

function isSendKey(event: KeyboardEvent): boolean {
  // keyCode 229: Safari ends a composition before its keydown (https://bugs.webkit.org/show_bug.cgi?id=165004).
  if (event.nativeEvent.isComposing || event.keyCode === 229) return false;
  return event.key === 'Enter' && !event.shiftKey && (!touch.matches || event.ctrlKey || event.metaKey);
}

function useGrowth(draft: string) {
  const area = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    const element = area.current;
    if (element === null) return;
    element.style.height = 'auto';
    element.style.height = `${Math.min(element.scrollHeight, window.innerHeight * tallest)}px`;
  }, [draft]);
  return area;
}

/** Where messages are written. */
export function Composer({ draft, onDraft, onSend, onStop, blocked, notice }: ComposerProps) {
  const { text, locale } = useText();
  const area = useGrowth(draft);
  const maySend = draft.trim() !== '' && draft.length <= longest && onStop === null && !blocked;
  const label = text('composer.label', { name: boot.branding.displayName });
  return (
    <div className="mx-auto w-full max-w-3xl px-4 max-md:px-3">
      {notice}
      <form
        className="flex items-end gap-2 rounded-composer border border-line bg-raised p-2 shadow-[0_2px_12px_rgb(0_0_0/0.05)] transition-colors duration-150 focus-within:border-edge"
        onSubmit={(event) => {
          event.preventDefault();
          if (maySend) onSend();
        }}
      >
        <textarea
          ref={area}
          id="composer"
          data-testid="composer"
          rows={1}
          aria-label={label}
          placeholder={label}
          data-quiet-focus
          value={draft}
          onChange={(event) => onDraft(event.target.value)}
          onKeyDown={(event) => {
            if (!isSendKey(event)) return;
            event.preventDefault();
            if (maySend) onSend();
          }}
          className="min-h-10 min-w-0 flex-1 resize-none overflow-y-auto bg-transparent px-2.5 py-[7px] text-chat outline-none placeholder:text-soft"
        />
        {draft.length > counterFrom && (
          <span className="self-center text-small text-soft tabular" role="status">
            {formatCount(longest - draft.length, locale)}
          </span>
        )}
        {onStop === null ? (
          <Tooltip label={text('composer.send')}>
            <button
              type="submit"
              aria-label={text('composer.send')}
              aria-disabled={!maySend}
              data-testid="send"
              className="inline-flex size-10 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent transition-colors duration-150 hover:bg-accent-hover aria-disabled:bg-hover aria-disabled:text-soft"
            >
              <ArrowUp size={20} aria-hidden />
            </button>
          </Tooltip>
        ) : (
          <Tooltip label={text('composer.stop')}>
            <button
              type="button"
              aria-label={text('composer.stop')}
              data-testid="stop"
              onClick={onStop}
              className="inline-flex size-10 shrink-0 items-center justify-center rounded-full bg-text text-page transition-opacity duration-150 hover:opacity-85"
            >
              <Square size={16} aria-hidden fill="currentColor" />
            </button>
          </Tooltip>
        )}
      </form>
    </div>
  );
}
