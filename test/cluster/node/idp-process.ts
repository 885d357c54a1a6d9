import { startOidcIdp } from '../../support/oidc-idp.js';

// An identity provider inside the node's network, for the tenant whose pages send people back to `redirect`.
const [issuer = '', redirect = ''] = process.argv.slice(2);
const secret = process.env['CLIENT_SECRET'] ?? '';
const idp = await startOidcIdp({ issuer });
idp.serve([{ clientId: 'whisper', secret, redirectUris: [redirect] }]);
const person = (sub: string, name: string, groups: readonly string[]) =>
  idp.accounts.set(sub, { sub, name, email: `${sub}@acme.example`, emailVerified: true, groups });
person('ida', 'Ida Admin', ['it']);
person('max', 'Max Member', ['sales']);
