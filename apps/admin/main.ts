import { composeGovernance, routerBackends } from '#libs/platform/compose-governance.js';
import { composeIdentity } from '#libs/platform/compose-identity.js';
import { composeServiceTokens } from '#libs/platform/compose-service-tokens.js';
import { webFace } from '#libs/platform/faces.js';
import { createFace } from '#libs/platform/nest/create-face.js';
import { serveApp } from '#libs/platform/serve-app.js';
import { TrustedProxies } from '#libs/platform/trusted-proxies.js';
import { AdminModule } from './app.module.js';

await serveApp('admin', async (foundation) => {
  const { config, directory } = foundation;
  const identity = composeIdentity(foundation);
  const tokens = await composeServiceTokens(foundation);
  const governance = composeGovernance(foundation, routerBackends(foundation, tokens.issuer('admin')), identity);
  const edge = {
    directory,
    authenticator: identity.sessionAuthenticator,
    audit: identity.audit,
    proxies: new TrustedProxies(config.trustedProxies),
  };
  const face = await createFace({
    ...webFace(foundation, 'admin', edge),
    module: AdminModule.with([...identity.providers, ...governance.providers]),
  });
  return {
    face,
    hasSockets: false,
    isRouter: false,
    jwks: tokens.jwks,
    isReady: tokens.isReady,
    begin: () => Promise.resolve(),
    drain: () => Promise.resolve(),
  };
});
