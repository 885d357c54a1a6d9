const notice = '<!-- Made by `npm run gen`. Change its source, not this page. -->';

/** Text that may stand in a cell of a table. */
export function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('<', '&lt;').replaceAll('\n', ' ');
}

/** Text in code form, or nothing. Bars are the one thing a cell cannot hold as they are. */
export function code(text: string): string {
  return text === '' ? '' : `\`${text.replaceAll('|', '\\|')}\``;
}

/** A table; cells must already be safe. */
export function table(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  return [line(heads), line(heads.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A page of blocks with the notice that it is generated. */
export function page(title: string, ...blocks: readonly string[]): string {
  return `${[notice, `# ${title}`, ...blocks].join('\n\n')}\n`;
}
