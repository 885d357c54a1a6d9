/** Characters of a fence before which nothing is healed: code is shown as it comes. */
const fence = /^(```|~~~)/gm;

function withoutHalfLink(line: string): string {
  const open = line.search(/!?\[[^\]]*$|!?\[[^\]]*\]\([^)]*$/);
  return open < 0 ? line : line.slice(0, open);
}

function withoutOddMarker(line: string, marker: '**' | '`' | '~~'): string {
  const parts = line.split(marker);
  if (parts.length % 2 === 1) return line;
  const tail = parts.at(-1) ?? '';
  const head = line.slice(0, line.length - tail.length - marker.length);
  return tail.trim() === '' ? head : `${head}${marker}${tail.trimEnd()}${marker}`;
}

/** A table is shown from its delimiter row on; before that its header would flash as text. */
function withoutHalfTable(lines: readonly string[]): readonly string[] {
  const start = lines.findLastIndex((line) => !line.trimStart().startsWith('|')) + 1;
  const rows = lines.slice(start);
  if (rows.length === 0) return lines;
  const complete = /^\s*\|?[\s:|-]*-[\s:|-]*\|?\s*$/.test(rows[1] ?? '');
  return complete ? lines : lines.slice(0, start);
}

/**
 * Markdown of an answer still being written, so that its end never flickers: half a link is held back, open emphasis
 * and code are closed, a table waits for its second row, a lone list or heading mark waits for its text.
 */
export function healMarkdown(text: string): string {
  if (([...text.matchAll(fence)].length & 1) === 1) return text;
  const lines = withoutHalfTable(text.split('\n'));
  const last = lines.at(-1) ?? '';
  if (/^\s*([-*+]|\d+[.)]|#{1,6}|>|`{1,3}|~{1,3}|-{2,}|={1,}|_{2,}|\*{2,})\s*$/.test(last))
    return lines.slice(0, -1).join('\n');
  const linked = withoutHalfLink(last);
  const coded = withoutOddMarker(linked, '`');
  const healed = coded.includes('`') ? coded : withoutOddMarker(withoutOddMarker(coded, '**'), '~~');
  return [...lines.slice(0, -1), healed].join('\n');
}
