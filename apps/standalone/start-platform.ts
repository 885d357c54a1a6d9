import { writeFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import { AdminModule } from '#apps/admin/app.module.js';
import { ChatModule } from '#apps/chat/app.module.js';
import { RouterModule } from '#apps/router/app.module.js';
import { runningFile } from '#libs/platform/attach-database.js';
import { composeChat } from '#libs/platform/compose-chat.js';
import { composeGovernance, routerBackends } from '#libs/platform/compose-governance.js';
import { composeIdentity, type Identity } from '#libs/platform/compose-identity.js';
import { composeInference } from '#libs/platform/compose-inference.js';
import { composeServiceTokens } from '#libs/platform/compose-service-tokens.js';
import { composeTenancy } from '#libs/platform/compose-tenancy.js';
import type { Config } from '#libs/platform/config.js';
import { type HttpServer, listen } from '#libs/platform/http-servers.js';
import { installRoot, versionOf } from '#libs/platform/install-root.js';
import { createFace, type FaceApp, handUpgrade } from '#libs/platform/nest/create-face.js';
import type { EdgeParts } from '#libs/platform/nest/edge.js';
import { SocketAdapter } from '#libs/platform/nest/socket-adapter.js';
import { internalDispatch } from '#libs/platform/internal-dispatch.js';
import { openApiOf } from '#libs/platform/openapi.js';
import { openFoundation, type OpenFoundation } from '#libs/platform/open-foundation.js';
import { runJobs } from '#libs/platform/run-jobs.js';
import { TrustedProxies } from '#libs/platform/trusted-proxies.js';
import { routerFace, webFace } from '#libs/platform/faces.js';
import type { AppliedManifests } from '#libs/tenancy/app/apply-manifests.js';
import { localPage } from './local-page.js';
import { publicDispatch } from './public-dispatch.js';

/** Requests get this long to end when the platform stops; answers are interrupted and can be continued. */
const graceMs = 5_000;

/** The platform in one process, up and listening. */
export interface RunningPlatform {
  readonly foundation: OpenFoundation;
  readonly identity: Identity;
  readonly manifests: AppliedManifests;
  readonly faces: Faces;
  stop(): Promise<void>;
}

interface Faces {
  readonly chat: FaceApp;
  readonly admin: FaceApp;
  readonly router: FaceApp;
}

/**
 * Starts everything in one process: database, tenants of the manifests, the three faces on one port.
 * @param tell is given what each later change of the manifests did
 * @throws {AppError} start_failed, port_in_use, data_in_use
 */
export async function startPlatform(
  config: Config,
  log: Logger,
  tell: (applied: AppliedManifests) => void,
): Promise<RunningPlatform> {
  const foundation = await openFoundation(config, log);
  try {
    return await compose(foundation, tell);
  } catch (error) {
    await foundation.close();
    throw error;
  }
}

async function compose(
  foundation: OpenFoundation,
  tell: (applied: AppliedManifests) => void,
): Promise<RunningPlatform> {
  const { config } = foundation;
  const identity = composeIdentity(foundation);
  const tokens = await composeServiceTokens(foundation);
  const inference = composeInference(foundation, {
    registry: foundation.backends,
    keys: identity.keyAuthenticator,
    serviceTokens: tokens.verifier,
  });
  const chat = composeChat(foundation, tokens.issuer('chat'), identity.sessionAuthenticator);
  const governance = composeGovernance(foundation, routerBackends(foundation, tokens.issuer('admin')), identity);
  const [tenancy, faces] = await Promise.all([
    composeTenancy(foundation, tell),
    createFaces(foundation, {
      edge: {
        directory: foundation.directory,
        authenticator: identity.sessionAuthenticator,
        audit: identity.audit,
        proxies: new TrustedProxies(config.trustedProxies),
      },
      chat: [...identity.providers, ...chat.providers],
      admin: [...identity.providers, ...governance.providers],
      router: inference.providers,
    }),
  ]);
  if (config.databaseUrl === undefined)
    for (const tenant of await foundation.directory.list()) await chat.house.reap(tenant.id, true);
  // Before the ports are open, so that a command line that sees us answer knows our address.
  await writeFile(runningFile(config.data), JSON.stringify({ port: config.port, publicUrl: config.publicUrl ?? null }));
  const servers = await openPorts(foundation, faces, tokens.jwks);
  inference.start();
  await runJobs(foundation, {
    house: chat.house,
    rollUp: governance.rollUpUsage,
    expireSignIns: identity.expireSignIns,
    recheckSignIns: identity.recheckSignIns,
  });
  return {
    foundation,
    identity,
    manifests: tenancy.first,
    faces,
    async stop() {
      await tenancy.stop();
      faces.chat.app.get(ChatModule.gateway).drain();
      const closing = servers.map((server) => server.close(graceMs));
      await chat.turns.interruptAll();
      await Promise.all(closing);
      await Promise.all([faces.chat.close(), faces.admin.close(), faces.router.close()]);
      await foundation.close();
    },
  };
}

async function createFaces(
  foundation: OpenFoundation,
  parts: {
    edge: EdgeParts;
    chat: Parameters<typeof ChatModule.with>[0];
    admin: Parameters<typeof AdminModule.with>[0];
    router: Parameters<typeof RouterModule.with>[0];
  },
): Promise<Faces> {
  const { log } = foundation;
  const [chat, admin, router] = await Promise.all([
    createFace({
      ...webFace(foundation, 'chat', parts.edge),
      module: ChatModule.with(parts.chat),
      equip: (app) => app.useWebSocketAdapter(new SocketAdapter(app, parts.edge)),
    }),
    createFace({ ...webFace(foundation, 'admin', parts.edge), module: AdminModule.with(parts.admin) }),
    createFace({
      ...routerFace(log),
      module: RouterModule.with(parts.router),
      equip: (app) => RouterModule.equip(app),
    }),
  ]);
  return { chat, admin, router };
}

async function openPorts(
  foundation: OpenFoundation,
  faces: Faces,
  jwks: () => Promise<unknown>,
): Promise<readonly HttpServer[]> {
  const { config, directory, addresses, metrics, isReady } = foundation;
  const openApi = JSON.stringify(openApiOf('router', versionOf(installRoot())));
  const served = async () => (await directory.list()).filter(({ state }) => state === 'active');
  const dispatch = publicDispatch({
    ...faces,
    isReady,
    openApi,
    proxies: new TrustedProxies(config.trustedProxies),
    localPage: async () => localPage(await served(), addresses),
  });
  const internal = await listen(
    { host: config.internalHost, port: config.port + 1 },
    internalDispatch({ router: faces.router, isReady, jwks, metrics }),
  );
  try {
    return [internal, await listen({ host: config.host, port: config.port }, dispatch, handUpgrade(faces.chat))];
  } catch (error) {
    await internal.close(0);
    throw error;
  }
}
