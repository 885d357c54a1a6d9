import type { ReactNode } from 'react';
import { boot } from '#libs/ui/boot.js';
import { Logo } from '#libs/ui/logo.js';
import { useText } from '#libs/ui/use-text.js';

interface EmptyThreadProps {
  readonly composer: ReactNode;
  readonly onStarter: (words: string) => void;
}

/** The start of a conversation: logo, greeting, composer, up to four starters, and nothing else. */
export function EmptyThread({ composer, onStarter }: EmptyThreadProps) {
  const { text } = useText();
  const { greeting, starters } = boot.branding;
  return (
    <div className="flex min-h-0 flex-1 flex-col overflow-y-auto">
      <div className="m-auto flex w-full flex-col gap-6 py-6 pb-[14dvh] max-md:pb-6">
        <div className="flex flex-col items-center gap-4 px-6 text-center">
          <Logo large />
          <h1 className="text-display font-semibold text-balance">{greeting ?? text('empty.greeting')}</h1>
        </div>
        {composer}
        {starters.length > 0 && (
          <ul className="mx-auto grid w-full max-w-3xl grid-cols-1 gap-2 px-4 max-md:px-3 md:grid-cols-2">
            {starters.slice(0, 4).map((starter) => (
              <li key={starter}>
                <button
                  type="button"
                  data-testid="starter"
                  onClick={() => onStarter(starter)}
                  className="h-full min-h-11 w-full rounded-card border border-line px-4 py-2.5 text-start transition-colors duration-150 hover:bg-hover"
                >
                  {starter}
                </button>
              </li>
            ))}
          </ul>
        )}
      </div>
    </div>
  );
}
