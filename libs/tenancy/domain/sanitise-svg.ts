import { AppError } from '#libs/kernel/errors.js';

/** Shapes, text, gradients and clipping. No script, style sheet, link, image, animation, foreign content or `use`, which can multiply. */
const elements = new Set(
  'svg g defs title desc path rect circle ellipse line polyline polygon text tspan linearGradient radialGradient stop clipPath mask symbol'.split(
    ' ',
  ),
);

const attributes = new Set(
  (
    'id viewBox width height x y x1 y1 x2 y2 cx cy r rx ry fx fy d points transform preserveAspectRatio version ' +
    'fill fill-opacity fill-rule clip-rule clip-path mask stroke stroke-width stroke-opacity stroke-linecap ' +
    'stroke-linejoin stroke-miterlimit stroke-dasharray stroke-dashoffset opacity color display visibility ' +
    'offset stop-color stop-opacity gradientUnits gradientTransform spreadMethod clipPathUnits maskUnits ' +
    'maskContentUnits font-family font-size font-weight font-style text-anchor dominant-baseline ' +
    'letter-spacing dx dy textLength role aria-label aria-hidden'
  ).split(' '),
);

const svgNamespace = 'http://www.w3.org/2000/svg';
/** A logo has a handful of elements; the limits keep a hostile one from costing time. */
const mostElements = 5_000;
const deepest = 64;

const tagStart = /<(\/?)([A-Za-z_][\w:.-]*)/y;
const attribute = /\s+([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const tagEnd = /\s*(\/?)>/y;
const entity = /&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-fA-F]{1,6}));/g;
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function refuse(problem: string): AppError {
  return new AppError('bad_request', `The SVG ${problem}.`, {
    field: 'branding.logo',
    action: 'Export it again as plain SVG, or use a PNG.',
  });
}

function decode(text: string): string {
  const plain = text.replace(entity, (_all, name: string | undefined, decimal: string | undefined, hex: string) => {
    if (name !== undefined) return named[name] ?? '';
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    if (code > 0x10ffff) throw refuse('has an unknown character');
    return String.fromCodePoint(code);
  });
  // What is left of `&` was no entity we know; one of a DTD would be text somebody else chose.
  if (/&(?!amp;)/.test(text.replace(entity, ''))) throw refuse('has an unknown entity');
  return plain;
}

function encode(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => `&#${letter.charCodeAt(0)};`);
}

/** Whether a value can do nothing but paint: no address, except of a part of this very picture. */
function isHarmless(value: string): boolean {
  // White space, control characters and backslashes hide words from a reader, not from a browser.
  const plain = value.replace(/[\s\\\p{Cc}]/gu, '').toLowerCase();
  if (/javascript:|data:|expression\(|@import|https?:|\/\//.test(plain)) return false;
  return !plain.includes('url(') || /^url\(["']?#[\w.-]+["']?\)$/.test(plain);
}

/** One reader of one text; keeps the place it has come to. */
class SvgReader {
  private at = 0;
  private seen = 0;
  private readonly open: { readonly name: string; readonly kept: boolean }[] = [];
  private output = '';

  constructor(private readonly source: string) {}

  read(): string {
    this.skipProlog();
    if (!this.source.startsWith('<', this.at)) throw refuse('does not start with an element');
    do this.next();
    while (this.open.length > 0);
    if (
      this.source
        .slice(this.at)
        .replace(/<!--[\s\S]*?-->/g, '')
        .trim() !== ''
    )
      throw refuse('has something after its end');
    return this.output;
  }

  private skipProlog(): void {
    const prolog = /^\uFEFF?\s*(?:<\?xml[^<>]*\?>)?(?:\s|<!--[\s\S]*?-->)*/.exec(this.source);
    this.at = prolog?.[0].length ?? 0;
    if (/<!(?:DOCTYPE|ENTITY)/i.test(this.source)) throw refuse('has a DOCTYPE');
  }

  /** The next tag, comment or text. */
  private next(): void {
    if (this.source.startsWith('<!--', this.at)) return this.skipTo('-->');
    if (this.source.startsWith('<![CDATA[', this.at)) throw refuse('has a CDATA section');
    if (this.source.startsWith('<?', this.at)) return this.skipTo('?>');
    if (this.source.startsWith('<', this.at)) return this.tag();
    return this.text();
  }

  private skipTo(end: string): void {
    const found = this.source.indexOf(end, this.at);
    if (found === -1) throw refuse('is cut off');
    this.at = found + end.length;
  }

  private text(): void {
    const end = this.source.indexOf('<', this.at);
    if (end === -1) throw refuse('is cut off');
    const parent = this.open.at(-1);
    if (parent?.kept === true) this.output += encode(decode(this.source.slice(this.at, end)));
    this.at = end;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found !== null) this.at = pattern.lastIndex;
    return found;
  }

  private tag(): void {
    const start = this.match(tagStart);
    if (start === null) throw refuse('is not well-formed');
    const name = start[2] ?? '';
    if (start[1] === '/') return this.close(name);
    const kept = this.open.at(-1)?.kept !== false && elements.has(name);
    if (this.open.length === 0 && name !== 'svg') throw refuse('is no svg element');
    this.seen += 1;
    if (this.seen > mostElements || this.open.length >= deepest) throw refuse('has too many elements');
    const written = this.attributes(this.open.length === 0);
    const end = this.match(tagEnd);
    if (end === null) throw refuse('is not well-formed');
    const isEmpty = end[1] === '/';
    if (kept) this.output += `<${name}${written}${isEmpty ? '/>' : '>'}`;
    if (!isEmpty) this.open.push({ name, kept });
  }

  private attributes(isRoot: boolean): string {
    let written = isRoot ? ` xmlns="${svgNamespace}"` : '';
    const names = new Set<string>();
    for (let found = this.match(attribute); found !== null; found = this.match(attribute)) {
      const name = found[1] ?? '';
      if (names.has(name)) throw refuse('has an attribute twice');
      names.add(name);
      const value = decode(found[2] ?? found[3] ?? '');
      if (attributes.has(name) && isHarmless(value)) written += ` ${name}="${encode(value)}"`;
    }
    return written;
  }

  private close(name: string): void {
    const opened = this.open.pop();
    if (opened?.name !== name || this.match(tagEnd) === null) throw refuse('is not well-formed');
    if (opened.kept) this.output += `</${name}>`;
  }
}

/**
 * The picture without anything that could run, load or lead elsewhere: only known elements and attributes pass,
 * and the text is written anew.
 * @throws {AppError} bad_request for what is no well-formed SVG
 */
export function sanitiseSvg(source: string): string {
  return new SvgReader(source).read();
}
