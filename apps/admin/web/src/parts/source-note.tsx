import { Lock } from 'lucide-react';
import { useText } from '#libs/ui/use-text.js';

interface SourceNoteProps {
  readonly source: 'manifest' | 'setting' | 'default';
  readonly help?: string;
}

/** Help of a setting, and where it is set when that is not here. */
export function SourceNote({ source, help }: SourceNoteProps) {
  const { text } = useText();
  return (
    <>
      {help}
      {source === 'manifest' && (
        <span className="flex items-center gap-1.5">
          <Lock size={14} aria-hidden />
          {text('settings.managed')}
        </span>
      )}
    </>
  );
}
