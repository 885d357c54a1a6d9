import type { ReactNode } from 'react';
import { boot } from '#libs/ui/boot.js';
import { Logo } from '#libs/ui/logo.js';
import { useText } from '#libs/ui/use-text.js';
import { useTitle } from '#libs/ui/use-title.js';

/** The page of those who are not in yet: the organisation, one heading, one card. */
export function Door({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  const { text } = useText();
  useTitle(title);
  const { displayName, supportEmail } = boot.branding;
  return (
    <main className="mx-auto flex min-h-dvh w-full max-w-sm flex-col justify-center gap-6 p-6">
      <div className="flex flex-col items-center gap-4 text-center">
        <Logo large />
        <div>
          <p className="text-soft">{displayName}</p>
          <h1 className="text-display font-semibold">{title}</h1>
        </div>
      </div>
      {children}
      {supportEmail !== null && (
        <p className="text-center text-small text-soft">
          {text('signIn.help')}{' '}
          <a className="text-accent-text underline underline-offset-2" href={`mailto:${supportEmail}`}>
            {supportEmail}
          </a>
        </p>
      )}
    </main>
  );
}
