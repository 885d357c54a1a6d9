import type { ReactNode } from 'react';
import { buttonClasses } from '#libs/ui/button.js';
import { Link } from '#libs/ui/router.js';
import { useText } from '#libs/ui/use-text.js';
import { useTitle } from '#libs/ui/use-title.js';

/** An address that leads nowhere, or to a thread that is gone. */
export function NotFound({ leading }: { readonly leading: ReactNode }) {
  const { text } = useText();
  useTitle(text('notFound.title'));
  return (
    <>
      <header className="flex h-13 shrink-0 items-center px-2">{leading}</header>
      <main id="main" className="flex flex-1 flex-col items-center justify-center gap-3 p-6 pb-24 text-center">
        <h1 className="text-title font-semibold">{text('notFound.title')}</h1>
        <p className="max-w-sm text-soft">{text('notFound.text')}</p>
        <Link href="/" className={buttonClasses('outline')}>
          {text('app.newChat')}
        </Link>
      </main>
    </>
  );
}
