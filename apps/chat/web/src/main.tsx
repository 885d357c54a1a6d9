import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ConfirmIdentity } from '#libs/ui/confirm-identity.js';
import { startLanguage } from '#libs/ui/language.js';
import { Toasts } from '#libs/ui/toasts.js';
import { TooltipScope } from '#libs/ui/tooltip.js';
import { api, queries } from './app/api.js';
import { App } from './app/app.js';
import { en } from './locales/en.js';

await startLanguage({
  en: () => Promise.resolve(en),
  de: async () => (await import('./locales/de.js')).de,
});

/** Back to the very page; tokens of links are in the fragment, which does not go along. */
function providerUrl(): string {
  const returnTo = `${location.pathname}${location.search}`;
  return `/api/sign-in/sso?${new URLSearchParams({ fresh: 'true', returnTo })}`;
}

const root = document.querySelector('#root');
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <TooltipScope>
          <App />
          <ConfirmIdentity
            confirm={(body) => api('POST /api/session/confirm', { body })}
            askPasskey={() => api('POST /api/session/confirm/passkey-options')}
            providerUrl={providerUrl}
          />
          <Toasts />
        </TooltipScope>
      </QueryClientProvider>
    </StrictMode>,
  );
