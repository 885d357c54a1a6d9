import type { Token, Tokens } from 'marked';
import { classNames } from '#libs/ui/class-names.js';
import { CodeBlock } from './code-block.js';
import { Inline } from './inline.js';
import { TableBlock } from './table-block.js';

/** Tokens of marked, told apart: its own union has a catch-all member that hides the others. */
type Known =
  | Tokens.Heading
  | Tokens.Paragraph
  | Tokens.Code
  | Tokens.List
  | Tokens.Blockquote
  | Tokens.Table
  | Tokens.Hr
  | Tokens.Text
  | Tokens.Checkbox
  | Tokens.HTML;

interface BlockProps {
  readonly token: Token;
  readonly open: boolean;
}

function List({ token, open }: { readonly token: Tokens.List; readonly open: boolean }) {
  const Tag = token.ordered ? 'ol' : 'ul';
  return (
    <Tag {...(token.ordered && token.start !== '' ? { start: token.start } : {})}>
      {token.items.map((item, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- items have no other name and never move
        <li key={index} className={classNames(item.task && 'list-none')}>
          {item.task && (
            <span aria-hidden className="me-2">
              {item.checked === true ? '☑' : '☐'}
            </span>
          )}
          <Blocks tokens={item.tokens} open={open} />
        </li>
      ))}
    </Tag>
  );
}

function Blocks({ tokens, open }: { readonly tokens: readonly Token[]; readonly open: boolean }) {
  return tokens.map((token, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- tokens have no other name and never move
    <Block key={index} token={token} open={open && index === tokens.length - 1} />
  ));
}

/** One block of Markdown; what it does not know, HTML included, is shown as the text it is. */
export function Block({ token, open }: BlockProps) {
  const known = token as Known;
  switch (known.type) {
    case 'heading': {
      // The page has its own h1 and h2: an answer's headings stand below them.
      const Tag = known.depth <= 1 ? 'h2' : known.depth === 2 ? 'h3' : 'h4';
      return (
        <Tag className={classNames(known.depth <= 2 && 'h-big')}>
          <Inline tokens={known.tokens} />
        </Tag>
      );
    }
    case 'paragraph':
      return (
        <p>
          <Inline tokens={known.tokens} />
        </p>
      );
    case 'code':
      return <CodeBlock code={known.text} language={known.lang ?? ''} open={open} />;
    case 'list':
      return <List token={known} open={open} />;
    case 'blockquote':
      return (
        <blockquote>
          <Blocks tokens={known.tokens} open={open} />
        </blockquote>
      );
    case 'table':
      return <TableBlock token={known} />;
    case 'hr':
      return <hr />;
    case 'text':
      return known.tokens === undefined ? <>{known.text}</> : <Inline tokens={known.tokens} />;
    case 'checkbox':
      return null;
    case 'html':
    default:
      return <p className="whitespace-pre-wrap">{token.raw.trim()}</p>;
  }
}
