import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { ConfirmIdentity } from '#libs/ui/confirm-identity.js';
import { boot } from '#libs/ui/boot.js';
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

/** The provider knows the chat's host alone, from which a new hand-over leads back to the very page. */
function providerUrl(): string {
  const to = `${location.pathname}${location.search}`;
  const returnTo = `/admin?${new URLSearchParams({ to })}`;
  return `${boot.chatUrl}/api/sign-in/sso?${new URLSearchParams({ fresh: 'true', returnTo })}`;
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
