import { QueryClient } from '@tanstack/react-query';
import type * as admin from '#libs/contracts/admin-api.js';
import type * as saml from '#libs/contracts/saml-api.js';
import type * as directory from '#libs/contracts/directory-api.js';
import type * as roles from '#libs/contracts/roles-api.js';
import type * as sso from '#libs/contracts/sso-api.js';
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

/** The typed client of the admin pages. When the session ends, the way back to the chat takes their place. */
export const api = apiClient<typeof admin & typeof sso & typeof saml & typeof roles & typeof directory>(() =>
  queries.setQueryData(['me'], null),
);
