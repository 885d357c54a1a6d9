import { ChevronDown, WrapText } from 'lucide-react';
import { useEffect, useState } from 'react';
import { classNames } from '#libs/ui/class-names.js';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { useText } from '#libs/ui/use-text.js';
import type { CodeLine } from './highlight.js';

/** Lines shown before a block folds. */
const foldAfter = 40;
/** A longer text is not highlighted: it would hold up typing. */
const longestHighlighted = 60_000;

function useHighlighted(code: string, language: string, open: boolean): readonly CodeLine[] | null {
  const [lines, setLines] = useState<{ readonly code: string; readonly lines: readonly CodeLine[] } | null>(null);
  useEffect(() => {
    if (open || language === '' || code.length > longestHighlighted) return;
    let wanted = true;
    void import('./highlight.js')
      .then(({ highlight }) => highlight(code, language))
      .then((result) => {
        if (wanted && result !== null) setLines({ code, lines: result });
      })
      // Without colours the code reads just as well.
      .catch(() => undefined);
    return () => {
      wanted = false;
    };
  }, [code, language, open]);
  return lines?.code === code ? lines.lines : null;
}

interface CodeBlockProps {
  readonly code: string;
  readonly language: string;
  readonly open: boolean;
}

/** Code with its language, a copy button, wrapping by choice, folded when long, coloured once it is complete. */
export function CodeBlock({ code, language: info, open }: CodeBlockProps) {
  const { text } = useText();
  const [wrap, setWrap] = useState(false);
  const [unfolded, setUnfolded] = useState(false);
  const language = info.split(/[\s{]/)[0]?.toLowerCase() ?? '';
  const highlighted = useHighlighted(code, language, open);
  const lines = code.split('\n');
  const folds = lines.length > foldAfter;
  const shown = folds && !unfolded ? foldAfter : lines.length;
  return (
    <figure className="overflow-hidden rounded-card border border-line bg-sunken">
      <figcaption className="flex h-9 items-center gap-1 border-b border-line ps-3 pe-1 text-small text-soft">
        <span className="flex-1 truncate">{language === '' ? text('markdown.code') : language}</span>
        <IconButton icon={WrapText} label={text('markdown.wrap')} aria-pressed={wrap} onClick={() => setWrap(!wrap)} />
        <CopyIconButton value={() => code} label={text('markdown.copyCode')} />
      </figcaption>
      {/* oxlint-disable-next-line no-noninteractive-tabindex -- a region that scrolls must be reachable by keyboard */}
      <pre
        tabIndex={0}
        dir="ltr"
        role="region"
        aria-label={text('markdown.codeOf', { language: language === '' ? text('markdown.code') : language })}
        className={classNames(
          'overflow-x-auto p-3 font-mono text-small leading-5.5',
          wrap && 'break-words whitespace-pre-wrap',
        )}
      >
        <code>
          {highlighted === null
            ? lines.slice(0, shown).join('\n')
            : highlighted.slice(0, shown).map((line, number) => (
                // oxlint-disable-next-line react/no-array-index-key -- a line's place is its name
                <span key={number}>
                  {line.map((part, place) => (
                    // oxlint-disable-next-line react/no-array-index-key -- a part's place is its name
                    <span key={place} style={part.color === undefined ? undefined : { color: part.color }}>
                      {part.text}
                    </span>
                  ))}
                  {number < shown - 1 && '\n'}
                </span>
              ))}
        </code>
      </pre>
      {folds && (
        <button
          type="button"
          aria-expanded={unfolded}
          onClick={() => setUnfolded(!unfolded)}
          className="flex h-9 w-full items-center justify-center gap-2 border-t border-line text-small text-soft hover:bg-hover hover:text-text"
        >
          <ChevronDown size={16} aria-hidden className={classNames(unfolded && 'rotate-180')} />
          {unfolded ? text('markdown.fold') : text('markdown.unfold', { count: lines.length - foldAfter })}
        </button>
      )}
    </figure>
  );
}
