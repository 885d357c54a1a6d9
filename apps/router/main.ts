import { composeIdentity } from '#libs/platform/compose-identity.js';
import { composeInference } from '#libs/platform/compose-inference.js';
import { composeServiceTokens } from '#libs/platform/compose-service-tokens.js';
import { routerFace } from '#libs/platform/faces.js';
import { createFace } from '#libs/platform/nest/create-face.js';
import { serveApp } from '#libs/platform/serve-app.js';
import { RouterModule } from './app.module.js';

await serveApp('router', async (foundation) => {
  const { keyAuthenticator } = composeIdentity(foundation);
  const tokens = await composeServiceTokens(foundation);
  const inference = composeInference(foundation, {
    registry: foundation.backends,
    keys: keyAuthenticator,
    serviceTokens: tokens.verifier,
  });
  const face = await createFace({
    ...routerFace(foundation.log),
    module: RouterModule.with(inference.providers, tokens.exchange),
    equip: (app) => RouterModule.equip(app),
  });
  return {
    face,
    hasSockets: false,
    isRouter: true,
    jwks: tokens.jwks,
    isReady: tokens.isReady,
    begin: () => Promise.resolve(inference.start()),
    drain: () => Promise.resolve(),
  };
});
