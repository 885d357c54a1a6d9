import * as admin from './admin-api.js';
import * as chat from './chat-api.js';
import * as directory from './directory-api.js';
import type { Endpoint } from './endpoint.js';
import * as passkey from './passkey-api.js';
import * as saml from './saml-api.js';
import * as roles from './roles-api.js';
import * as router from './router-api.js';
import * as scim from './scim-api.js';
import * as session from './session-api.js';
import * as sso from './sso-api.js';

function isEndpoint(value: unknown): value is Endpoint {
  return typeof value === 'object' && value !== null && 'face' in value && 'path' in value && 'method' in value;
}

/** Every endpoint of the HTTP API, by its name in the contracts. */
export const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  [session, passkey, chat, admin, sso, saml, roles, directory, scim, router].flatMap((module) =>
    Object.entries(module).flatMap(([name, value]: [string, unknown]): [string, Endpoint][] =>
      isEndpoint(value) ? [[name, value]] : [],
    ),
  ),
);
