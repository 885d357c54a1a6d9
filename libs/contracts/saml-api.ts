import { z } from 'zod';
import { endpoint } from './endpoint.js';
import { samlPaths } from './saml-paths.js';

/** As long as a body may be: what is too long for a message is refused where the audit log hears of it. */
const message = z.string().min(4).max(1_048_576);
const relayState = z.string().max(1_024).optional();

export const describeSaml = endpoint({
  face: 'chat',
  method: 'GET',
  path: samlPaths.metadata,
  summary: 'SAML metadata of this organisation, for its identity provider',
  access: 'public',
  demands: 'public',
  status: 200,
  replyType: 'application/samlmetadata+xml',
});

export const finishSaml = endpoint({
  face: 'chat',
  method: 'POST',
  path: samlPaths.acs,
  summary: "Come back from the organisation's SAML identity provider",
  access: 'public',
  demands: 'public',
  crossSite: true,
  body: z.object({ SAMLResponse: message, RelayState: relayState }),
  status: 302,
  errors: ['sso_failed', 'sso_unavailable'],
});

export const followSamlLogout = endpoint({
  face: 'chat',
  method: 'GET',
  path: samlPaths.singleLogout,
  summary: 'The SAML identity provider ends sessions, or answers that it has ended its own (HTTP-Redirect)',
  access: 'public',
  demands: 'public',
  query: z.looseObject({}),
  status: 302,
  errors: ['bad_request'],
});

export const postSamlLogout = endpoint({
  face: 'chat',
  method: 'POST',
  path: samlPaths.singleLogout,
  summary: 'The SAML identity provider ends sessions, or answers that it has ended its own (HTTP-POST)',
  access: 'public',
  demands: 'public',
  crossSite: true,
  body: z.object({ SAMLRequest: message.optional(), SAMLResponse: message.optional(), RelayState: relayState }),
  status: 302,
  errors: ['bad_request'],
});

const SamlKeys = z.object({
  items: z.array(
    z.object({
      state: z.enum(['inUse', 'next']),
      fingerprint: z.string().describe('SHA-256 of the certificate.'),
      createdAt: z.iso.datetime(),
      expiresAt: z.iso.datetime(),
    }),
  ),
});
export type SamlKeys = z.infer<typeof SamlKeys>;

const keys = { face: 'admin', access: 'session', status: 200, reply: SamlKeys } as const;

export const listSamlKeys = endpoint({
  ...keys,
  method: 'GET',
  path: '/api/sso/saml-keys',
  demands: { action: 'read', subject: 'sso' },
  summary: "The organisation's own SAML keys, as its metadata publish them; none before they are first read",
});

export const publishSamlKey = endpoint({
  ...keys,
  method: 'POST',
  path: '/api/sso/saml-keys',
  demands: { action: 'change', subject: 'sso' },
  stepUp: 'always',
  summary: 'Publish the next SAML key beside the one in use',
  errors: ['conflict'],
});

export const useNextSamlKey = endpoint({
  ...keys,
  method: 'POST',
  path: '/api/sso/saml-keys/use-next',
  demands: { action: 'change', subject: 'sso' },
  stepUp: 'always',
  summary: 'Put the next SAML key in use, once the provider has read the metadata; the old one is gone',
  errors: ['conflict'],
});
