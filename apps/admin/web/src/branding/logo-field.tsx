import { Upload } from 'lucide-react';
import { useRef, useState } from 'react';
import { Button } from '#libs/ui/button.js';
import { useText } from '#libs/ui/use-text.js';
import { SourceNote } from '../parts/source-note.js';

/** Largest logo of the contract, in bytes. */
const largestBytes = 64 * 1024;

function readDataUri(file: File): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener('load', () => resolve(typeof reader.result === 'string' ? reader.result : ''));
    reader.addEventListener('error', () => reject(reader.error ?? new DOMException('NotReadableError')));
    reader.readAsDataURL(file);
  });
}

interface LogoFieldProps {
  readonly logo: string | null;
  readonly source: 'manifest' | 'setting' | 'default';
  readonly onChange: (logo: string | null) => void;
}

/** Chooses the logo: SVG or PNG, at most 64 KB. */
export function LogoField({ logo, source, onChange }: LogoFieldProps) {
  const { text } = useText();
  const input = useRef<HTMLInputElement>(null);
  const [problem, setProblem] = useState('');
  const locked = source === 'manifest';
  const take = async (file: File | undefined): Promise<void> => {
    if (file === undefined) return;
    const fits = /^image\/(svg\+xml|png)$/.test(file.type) && file.size <= largestBytes;
    setProblem(fits ? '' : text('branding.logoProblem'));
    if (fits) onChange(await readDataUri(file));
  };
  return (
    <div className="flex flex-col gap-1">
      <p className="text-small font-medium" id="logo-label">
        {text('branding.logo')}
      </p>
      <div className="flex items-center gap-3">
        <div className="flex size-14 shrink-0 items-center justify-center overflow-hidden rounded-card border border-line bg-raised">
          {logo !== null && <img src={logo} alt={text('branding.logo')} className="max-h-12 max-w-12" />}
        </div>
        <input
          ref={input}
          type="file"
          accept="image/png,image/svg+xml"
          aria-labelledby="logo-label"
          className="sr-only"
          tabIndex={-1}
          onChange={(event) => void take(event.target.files?.[0])}
        />
        <Button small disabled={locked} onClick={() => input.current?.click()}>
          <Upload size={16} aria-hidden />
          {text('branding.chooseLogo')}
        </Button>
        {logo !== null && !locked && (
          <Button small look="quiet" onClick={() => onChange(null)}>
            {text('branding.removeLogo')}
          </Button>
        )}
      </div>
      <div className="text-small text-soft">
        <SourceNote source={source} help={text('branding.logoHelp')} />
      </div>
      {problem !== '' && (
        <p role="alert" className="text-small text-danger">
          {problem}
        </p>
      )}
    </div>
  );
}
