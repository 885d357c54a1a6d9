import { composeChat } from '#libs/platform/compose-chat.js';
import { composeGovernance, routerBackends } from '#libs/platform/compose-governance.js';
import { composeIdentity } from '#libs/platform/compose-identity.js';
import { composeServiceTokens } from '#libs/platform/compose-service-tokens.js';
import { webFace } from '#libs/platform/faces.js';
import { createFace } from '#libs/platform/nest/create-face.js';
import { SocketAdapter } from '#libs/platform/nest/socket-adapter.js';
import { runJobs } from '#libs/platform/run-jobs.js';
import { serveApp } from '#libs/platform/serve-app.js';
import { TrustedProxies } from '#libs/platform/trusted-proxies.js';
import { ChatModule } from './app.module.js';

// The chat also works the job queue, whose handlers must all be in one process.
await serveApp('chat', async (foundation) => {
  const { config, directory } = foundation;
  const identity = composeIdentity(foundation);
  const { expireSignIns, recheckSignIns } = identity;
  const tokens = await composeServiceTokens(foundation);
  const chat = composeChat(foundation, tokens.issuer('chat'), identity.sessionAuthenticator);
  const { rollUpUsage } = composeGovernance(foundation, routerBackends(foundation, tokens.issuer('chat')), identity);
  const edge = {
    directory,
    authenticator: identity.sessionAuthenticator,
    audit: identity.audit,
    proxies: new TrustedProxies(config.trustedProxies),
  };
  const face = await createFace({
    ...webFace(foundation, 'chat', edge),
    module: ChatModule.with([...identity.providers, ...chat.providers]),
    equip: (app) => app.useWebSocketAdapter(new SocketAdapter(app, edge)),
  });
  return {
    face,
    hasSockets: true,
    isRouter: false,
    jwks: tokens.jwks,
    isReady: tokens.isReady,
    begin: () => runJobs(foundation, { house: chat.house, rollUp: rollUpUsage, expireSignIns, recheckSignIns }),
    drain: async (limitMs) => {
      face.app.get(ChatModule.gateway).drain();
      await chat.turns.finishAll(limitMs);
    },
  };
});
