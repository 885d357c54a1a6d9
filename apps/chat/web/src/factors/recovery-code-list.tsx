import { Download } from 'lucide-react';
import { boot } from '#libs/ui/boot.js';
import { Button } from '#libs/ui/button.js';
import { CopyButton } from '#libs/ui/copy-button.js';
import { useText } from '#libs/ui/use-text.js';

function download(name: string, content: string): void {
  const url = URL.createObjectURL(new Blob([content], { type: 'text/plain' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

interface RecoveryCodeListProps {
  readonly codes: readonly string[];
  readonly onDone: () => void;
}

/** Recovery codes, which cannot be shown again. */
export function RecoveryCodeList({ codes, onDone }: RecoveryCodeListProps) {
  const { text } = useText();
  const content = (): string => `${codes.join('\n')}\n`;
  return (
    <div className="flex flex-col gap-4">
      <p className="rounded-card bg-warning-soft p-3 text-small text-warning">{text('factor.codes.once')}</p>
      <ul className="grid grid-cols-1 gap-x-4 gap-y-1 font-mono text-body sm:grid-cols-2" dir="ltr">
        {codes.map((code) => (
          <li key={code} data-testid="new-recovery-code">
            {code}
          </li>
        ))}
      </ul>
      <div className="flex flex-wrap gap-2">
        <CopyButton value={content} label={text('factor.codes.copy')} />
        <Button
          small
          onClick={() => download(`${boot.branding.displayName} ${text('factor.codes.file')}.txt`, content())}
        >
          <Download size={16} aria-hidden />
          {text('factor.codes.download')}
        </Button>
      </div>
      <Button look="solid" onClick={onDone} data-testid="codes-kept">
        {text('factor.codes.kept')}
      </Button>
    </div>
  );
}
