import { Download } from 'lucide-react';
import type { Tokens } from 'marked';
import { CopyIconButton } from '#libs/ui/copy-button.js';
import { downloadCsv, toCsv } from '#libs/ui/csv.js';
import { IconButton } from '#libs/ui/icon-button.js';
import { useText } from '#libs/ui/use-text.js';
import { Inline } from './inline.js';

function alignment(align: string | null): string {
  if (align === 'right') return 'text-end tabular';
  return align === 'center' ? 'text-center' : '';
}

/** A table that scrolls inside itself. */
export function TableBlock({ token }: { readonly token: Tokens.Table }) {
  const { text } = useText();
  const rows = (): string[][] => [token.header, ...token.rows].map((row) => row.map((cell) => cell.text));
  return (
    <figure className="overflow-hidden rounded-card border border-line">
      {/* A region that scrolls must be reachable by keyboard. */}
      {/* oxlint-disable-next-line no-noninteractive-tabindex -- see above */}
      <div className="overflow-x-auto" role="region" aria-label={text('markdown.table')} tabIndex={0}>
        <table>
          <thead>
            <tr>
              {token.header.map((cell, column) => (
                // oxlint-disable-next-line react/no-array-index-key -- a column's place is its name
                <th key={column} scope="col" className={alignment(cell.align)}>
                  <Inline tokens={cell.tokens} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {token.rows.map((row, index) => (
              // oxlint-disable-next-line react/no-array-index-key -- a row's place is its name
              <tr key={index}>
                {row.map((cell, column) => (
                  // oxlint-disable-next-line react/no-array-index-key -- a column's place is its name
                  <td key={column} className={alignment(cell.align)}>
                    <Inline tokens={cell.tokens} />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      <figcaption className="flex justify-end gap-1 border-t border-line bg-sunken px-1 py-0.5">
        <CopyIconButton value={() => toCsv(rows())} label={text('markdown.copyCsv')} />
        <IconButton icon={Download} label={text('markdown.downloadCsv')} onClick={() => downloadCsv('table', rows())} />
      </figcaption>
    </figure>
  );
}
