import { QueryClient } from '@tanstack/react-query';
import type * as chat from '#libs/contracts/chat-api.js';
import type * as passkey from '#libs/contracts/passkey-api.js';
import type * as session from '#libs/contracts/session-api.js';
import { apiClient } from '#libs/ui/api-client.js';
import { RequestFailure } from '#libs/ui/request-failure.js';

/** All server state of the page. A refused request is not asked again; one without an answer twice. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      networkMode: 'always',
      retry: (count, error) => error instanceof RequestFailure && error.view.retryable && count < 2,
    },
    mutations: { networkMode: 'always' },
  },
});

/** The typed client of the chat. When the session ends, the sign-in page takes the place of the app. */
export const api = apiClient<typeof chat & typeof passkey & typeof session>(() => queries.setQueryData(['me'], null));
