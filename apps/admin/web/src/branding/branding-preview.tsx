import { ArrowUp } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { accentVariables } from '#libs/contracts/accent.js';
import { useText } from '#libs/ui/use-text.js';

interface BrandingPreviewProps {
  readonly name: string;
  readonly logo: string | null;
  readonly color: string;
  readonly greeting: string;
  readonly starters: readonly string[];
}

function Mark({ name, logo, large }: { readonly name: string; readonly logo: string | null; readonly large: boolean }) {
  const size = large ? 'size-12 rounded-card text-title' : 'size-6 rounded-control text-small';
  if (logo !== null) return <img src={logo} alt="" className={`${size} object-contain`} />;
  return (
    <span className={`${size} inline-flex items-center justify-center bg-accent font-semibold text-on-accent`}>
      {name.slice(0, 1).toUpperCase()}
    </span>
  );
}

function Picture({ theme, ...props }: BrandingPreviewProps & { readonly theme: 'light' | 'dark' }) {
  const { text } = useText();
  const frame = useRef<HTMLDivElement>(null);
  const { color, name, logo, greeting, starters } = props;
  useEffect(() => {
    const variables = accentVariables(color)[theme];
    for (const [variable, value] of Object.entries(variables)) frame.current?.style.setProperty(variable, value);
  }, [color, theme]);
  return (
    <div
      ref={frame}
      aria-hidden
      data-theme={theme}
      className="overflow-hidden rounded-card border border-line bg-page text-text"
    >
      <div className="flex items-center gap-2 border-b border-line px-3 py-2 text-small font-semibold">
        <Mark name={name} logo={logo} large={false} />
        <span className="truncate">{name}</span>
      </div>
      <div className="flex flex-col items-center gap-3 px-4 py-6 text-center">
        <Mark name={name} logo={logo} large />
        <p className="font-semibold break-words">{greeting === '' ? text('branding.usualGreeting') : greeting}</p>
        <div className="flex w-full items-center justify-between rounded-composer border border-line bg-raised py-1.5 ps-4 pe-1.5 text-small text-soft">
          {text('branding.composer', { name })}
          <span className="inline-flex size-8 shrink-0 items-center justify-center rounded-full bg-accent text-on-accent">
            <ArrowUp size={16} />
          </span>
        </div>
        <div className="grid w-full grid-cols-2 gap-1.5 text-start text-small">
          {starters.map((starter) => (
            <span key={starter} className="truncate rounded-control border border-line px-2 py-1">
              {starter}
            </span>
          ))}
        </div>
        <span className="rounded-full bg-accent-soft px-2.5 text-small text-accent-text">
          {text('branding.sample')}
        </span>
      </div>
    </div>
  );
}

/** The empty thread as people will see it, in light and dark, with the colour shifted as it will be. */
export function BrandingPreview(props: BrandingPreviewProps) {
  const { text } = useText();
  return (
    <section className="flex flex-col gap-3 self-start lg:sticky lg:top-6" data-testid="branding-preview">
      <h2 className="text-small font-medium">{text('branding.preview')}</h2>
      <Picture {...props} theme="light" />
      <Picture {...props} theme="dark" />
    </section>
  );
}
