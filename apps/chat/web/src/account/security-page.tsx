import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ErrorNotice } from '#libs/ui/error-notice.js';
import { Skeleton } from '#libs/ui/skeleton.js';
import { useText } from '#libs/ui/use-text.js';
import { useTitle } from '#libs/ui/use-title.js';
import { api } from '../app/api.js';
import { AppSection } from './app-section.js';
import { PasskeysSection } from './passkeys-section.js';
import { PasswordSection } from './password-section.js';
import { RecoverySection } from './recovery-section.js';
import { SessionsSection } from './sessions-section.js';

/** How the person shows who they are, and where they are signed in. */
export function SecurityPage({ leading }: { readonly leading: ReactNode }) {
  const { text } = useText();
  useTitle(text('account.security'));
  const security = useQuery({ queryKey: ['security'], queryFn: () => api('GET /api/security') });
  return (
    <>
      <header className="flex h-13 shrink-0 items-center px-2">{leading}</header>
      <main id="main" className="mx-auto w-full max-w-2xl flex-1 overflow-y-auto px-5 pb-10">
        <h1 className="text-display font-semibold">{text('account.security')}</h1>
        {security.isPending && <Skeleton className="mt-6 h-64" />}
        {security.isError && <ErrorNotice error={security.error} onRetry={() => void security.refetch()} />}
        {security.data !== undefined && (
          <>
            <PasswordSection hasPassword={security.data.hasPassword} />
            <PasskeysSection />
            <AppSection security={security.data} />
            {security.data.recoveryCodes !== null && <RecoverySection codes={security.data.recoveryCodes} />}
          </>
        )}
        <SessionsSection />
      </main>
    </>
  );
}
