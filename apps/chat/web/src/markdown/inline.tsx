import { Image as ImageIcon } from 'lucide-react';
import type { Token, Tokens } from 'marked';
import type { ReactNode } from 'react';
import { useText } from '#libs/ui/use-text.js';

type Known =
  | Tokens.Text
  | Tokens.Escape
  | Tokens.Strong
  | Tokens.Em
  | Tokens.Del
  | Tokens.Codespan
  | Tokens.Br
  | Tokens.Link
  | Tokens.Image;

/** Where a link may lead. Anything else (javascript:, data:, file:) stays text. */
const schemes = new Set(['http:', 'https:', 'mailto:']);

function safeUrl(href: string): URL | null {
  if (!URL.canParse(href)) return null;
  const url = new URL(href);
  return schemes.has(url.protocol) ? url : null;
}

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  '#39': "'",
  nbsp: '\u00a0',
};

/** The lexer leaves entities to the HTML writer; we are not one. */
function decoded(text: string): string {
  return text.replaceAll(/&(amp|lt|gt|quot|#39|nbsp);/g, (match, name: string) => entities[name] ?? match);
}

function SafeLink({ href, children }: { readonly href: string; readonly children: ReactNode }) {
  const url = safeUrl(href);
  if (url === null) return <>{children}</>;
  const label = typeof children === 'string' ? children : '';
  const hidesHost = url.host !== '' && !label.includes(url.host);
  return (
    <>
      <a href={url.href} target="_blank" rel="noopener noreferrer nofollow">
        {children}
      </a>
      {hidesHost && <span className="text-small text-soft"> ({url.host})</span>}
    </>
  );
}

/** A remote image would tell its host who reads what: it is opened by a click, never fetched into the page. */
function RemoteImage({ token }: { readonly token: Tokens.Image }) {
  const { text } = useText();
  const url = safeUrl(token.href);
  const name = token.text === '' ? text('markdown.image') : token.text;
  if (url === null) return <>{name}</>;
  return (
    <a
      href={url.href}
      target="_blank"
      rel="noopener noreferrer nofollow"
      className="inline-flex max-w-full items-center gap-2 rounded-control border border-line bg-sunken px-2.5 py-1 align-middle text-small no-underline"
    >
      <ImageIcon size={16} aria-hidden className="shrink-0" />
      <span className="truncate">{text('markdown.openImage', { name, host: url.host })}</span>
    </a>
  );
}

function InlineToken({ token }: { readonly token: Token }) {
  const known = token as Known;
  switch (known.type) {
    case 'text':
      return 'tokens' in known && known.tokens !== undefined ? (
        <Inline tokens={known.tokens} />
      ) : (
        <>{decoded(known.text)}</>
      );
    case 'escape':
      return <>{decoded(known.text)}</>;
    case 'strong':
      return (
        <strong>
          <Inline tokens={known.tokens} />
        </strong>
      );
    case 'em':
      return (
        <em>
          <Inline tokens={known.tokens} />
        </em>
      );
    case 'del':
      return (
        <del>
          <Inline tokens={known.tokens} />
        </del>
      );
    case 'codespan':
      return <code>{decoded(known.text)}</code>;
    case 'br':
      return <br />;
    case 'link': {
      const only = known.tokens.length === 1 && known.tokens[0]?.type === 'text';
      return <SafeLink href={known.href}>{only ? decoded(known.text) : <Inline tokens={known.tokens} />}</SafeLink>;
    }
    case 'image':
      return <RemoteImage token={known} />;
    default:
      return <>{token.raw}</>;
  }
}

/** Text with its emphasis, code and links. */
export function Inline({ tokens }: { readonly tokens: readonly Token[] }) {
  return tokens.map((token, index) => (
    // oxlint-disable-next-line react/no-array-index-key -- tokens have no other name and never move
    <InlineToken key={index} token={token} />
  ));
}
