import { QueryClientProvider } from '@tanstack/react-query';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { startLanguage } from '#libs/ui/language.js';
import { Toasts } from '#libs/ui/toasts.js';
import { TooltipScope } from '#libs/ui/tooltip.js';
import { queries } from './app/api.js';
import { App } from './app/app.js';
import { en } from './locales/en.js';

await startLanguage({
  en: () => Promise.resolve(en),
  de: async () => (await import('./locales/de.js')).de,
});

const root = document.querySelector('#root');
if (root !== null)
  createRoot(root).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <TooltipScope>
          <App />
          <Toasts />
        </TooltipScope>
      </QueryClientProvider>
    </StrictMode>,
  );
