import { Lexer, type Token } from 'marked';
import { memo, useMemo } from 'react';
import { healMarkdown } from '#libs/contracts/heal-markdown.js';
import { Block } from './block.js';

interface MarkdownBlockProps {
  readonly raw: string;
  readonly token: Token;
  /** Still growing: no highlighting yet. */
  readonly open: boolean;
}

/** A block is drawn again only when its source changes; of a growing answer that is the last one. */
const MarkdownBlock = memo(
  function MarkdownBlock({ token, open }: MarkdownBlockProps) {
    return (
      <div className="prose-block">
        <Block token={token} open={open} />
      </div>
    );
  },
  (before, after) => before.raw === after.raw && before.open === after.open,
);

interface MarkdownProps {
  readonly text: string;
  /** Still being written. */
  readonly growing: boolean;
  /** Ends anywhere, because it is growing or was cut off: its loose end is mended. */
  readonly cut: boolean;
}

/** An answer as React nodes, block by block. No text of a model ever becomes HTML. */
export function Markdown({ text, growing, cut }: MarkdownProps) {
  const blocks = useMemo(
    () => new Lexer({ gfm: true }).lex(cut ? healMarkdown(text) : text).filter((token) => token.type !== 'space'),
    [text, cut],
  );
  return (
    <div className="prose" dir="auto">
      {blocks.map((token, index) => (
        // Blocks only ever grow at the end, so their place is their name.
        // oxlint-disable-next-line react/no-array-index-key -- see above
        <MarkdownBlock key={index} raw={token.raw} token={token} open={growing && index === blocks.length - 1} />
      ))}
    </div>
  );
}
