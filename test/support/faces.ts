import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Module } from '@nestjs/common';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { AdminModule } from '#apps/admin/app.module.js';
import { accountControllers, directoryControllers } from '#apps/chat/app.module.js';
import type { BackendView } from '#libs/contracts/admin-api.js';
import { internalRoutes } from '#libs/contracts/router-api.js';
import type { SessionAuthenticator } from '#libs/identity/ports/session-authenticator.js';
import type { ServiceTokenIssuer } from '#libs/identity/ports/service-tokens.js';
import { Clock } from '#libs/kernel/clock.js';
import { RandomIds, type TenantId } from '#libs/kernel/ids.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { Addresses, faceOf } from '#libs/platform/addresses.js';
import { composeGovernance, type Governance, routerBackends } from '#libs/platform/compose-governance.js';
import { composeIdentity, type Identity, type IdentityFoundation } from '#libs/platform/compose-identity.js';
import { createFace, type FaceApp } from '#libs/platform/nest/create-face.js';
import { ErrorsFilter } from '#libs/platform/nest/errors.filter.js';
import { guardEdge } from '#libs/platform/nest/edge.js';
import { hostName, TrustedProxies } from '#libs/platform/trusted-proxies.js';
import { MasterKey } from '#libs/sources/master-key.js';
import type { Bus } from '#libs/tenancy/ports/bus.js';
import { CachedTenantProfiles } from '#libs/tenancy/app/cached-tenant-profiles.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Secrets } from '#libs/tenancy/ports/secrets.js';
import { Browser } from './browser.js';
import { openTestDatabase, type TestDatabase } from './test-database.js';

/** The machine's time, moved by what a test says. */
export class ShiftedClock extends Clock {
  shiftMs = 0;

  override now(): Date {
    return new Date(Date.now() + this.shiftMs);
  }
}

/** The router's internal face, as far as the admin pages ask it. */
class InternalRouter {
  backends: BackendView[] = [];
  private readonly server = createServer((request, response) => {
    const isAsked = request.url === internalRoutes.backends && request.headers.authorization === 'Bearer service-token';
    response.writeHead(isAsked ? 200 : 401, { 'content-type': 'application/json' });
    response.end(JSON.stringify(isAsked ? { backends: this.backends } : {}));
  });

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

const tokens: ServiceTokenIssuer = {
  issue: () => Promise.resolve('service-token'),
  refused: () => undefined,
  jwks: () => Promise.resolve({ keys: [] }),
};

/** Sign-in and admin API of a whole installation, over a real database. */
export interface TestFaces {
  readonly database: TestDatabase;
  readonly clock: ShiftedClock;
  readonly identity: Identity;
  /** What identity was built from: another replica is built from the same. */
  readonly foundation: IdentityFoundation;
  readonly governance: Governance;
  readonly metrics: Registry;
  readonly router: InternalRouter;
  readonly bus: Bus;
  /** By `<slug>/<name>/<key>`. */
  readonly secrets: Map<string, string>;
  readonly port: number;
  /** Where the master key lies. */
  readonly folder: string;
  chat(tenant: Tenant): Browser;
  admin(tenant: Tenant): Browser;
  /** A chat browser signed in as the owner, and one on the admin pages. */
  enter(tenant: Tenant): Promise<{ chat: Browser; admin: Browser }>;
  close(): Promise<void>;
}

@Module({})
class SignInModule {}

function mapSecrets(map: Map<string, string>): Secrets {
  const nameOf = (owner: string, ref: { name: string; key: string }) => `${owner}/${ref.name}/${ref.key}`;
  return {
    read: (owner, ref) => Promise.resolve(map.get(nameOf(owner, ref)) ?? null),
    whereIs: nameOf,
  };
}

/** The fragment of a link: its token. */
export function tokenOf(url: string): string {
  return new URL(url).hash.slice(1);
}

export interface FacesOptions {
  /** Where a provider may be that is named on the admin page. */
  readonly tenantAddresses: 'public' | 'any';
  /** Stands between the faces and whoever finds out who calls. */
  readonly authenticator?: (real: SessionAuthenticator) => SessionAuthenticator;
  /** Another replica, whose database and master key these faces share. */
  readonly beside?: TestFaces;
}

export async function startFaces(given: FacesOptions = { tenantAddresses: 'any' }): Promise<TestFaces> {
  const { beside } = given;
  const faces: Partial<Record<'chat' | 'admin', FaceApp>> = {};
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    faces[faceOf(hostName(request.headers.host ?? '')).face]?.handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const router = new InternalRouter();
  const internalUrl = await router.listen();
  const database = beside?.database ?? (await openTestDatabase());
  const folder = beside?.folder ?? (await mkdtemp(join(tmpdir(), 'whisper-faces-')));
  const key = await MasterKey.open(folder);
  const clock = new ShiftedClock();
  const bus = new InProcessBus();
  const closers: (() => Promise<void>)[] = [];
  const secrets = new Map<string, string>();
  const foundation = {
    sessions: database.sessions,
    metrics: new Registry(),
    directory: database.directory,
    profiles: new CachedTenantProfiles(database.sessions, bus, () => Date.now()),
    addresses: new Addresses('http', port, internalUrl),
    secrets: mapSecrets(secrets),
    sealerFor: (tenant: TenantId) => key.forTenant(tenant),
    config: given,
    clock,
    bus,
    ids: new RandomIds(),
    onClose: (close: () => Promise<void>) => void closers.push(close),
  };
  const identity = composeIdentity(foundation);
  const governance = composeGovernance(foundation, routerBackends(foundation, tokens), identity);
  const edge = {
    directory: database.directory,
    authenticator: given.authenticator?.(identity.sessionAuthenticator) ?? identity.sessionAuthenticator,
    proxies: new TrustedProxies([]),
    audit: identity.audit,
  };
  const log = pino({ level: process.env['WHISPER_TEST_LOG'] ?? 'silent' });
  const common = { log, bodyLimitBytes: 1024 * 1024, contracts: true };
  faces.chat = await createFace({
    ...common,
    errors: new ErrorsFilter(log, 'chat'),
    module: {
      module: SignInModule,
      controllers: [...directoryControllers, ...accountControllers],
      providers: [...identity.providers],
    },
    prepare: (instance) => guardEdge(instance, 'chat', edge),
  });
  faces.admin = await createFace({
    ...common,
    errors: new ErrorsFilter(log, 'admin'),
    module: AdminModule.with([...identity.providers, ...governance.providers]),
    prepare: (instance) => guardEdge(instance, 'admin', edge),
  });
  const chat = (tenant: Tenant) => new Browser(`http://${tenant.slug}.localhost:${port}`);
  const admin = (tenant: Tenant) => new Browser(`http://admin.${tenant.slug}.localhost:${port}`);
  return {
    database,
    clock,
    identity,
    foundation,
    governance,
    metrics: foundation.metrics,
    router,
    bus,
    secrets,
    port,
    folder,
    chat,
    admin,
    enter: async (tenant) => {
      const browsers = { chat: chat(tenant), admin: admin(tenant) };
      const link = await identity.issueOwnerLink(tenant);
      await browsers.chat.call('POST', '/api/links/use', { token: tokenOf(link.url) });
      const { json } = await browsers.chat.call('POST', '/api/admin-handover');
      await browsers.admin.call('POST', '/api/handover', { token: tokenOf(String(json['url'])) });
      return browsers;
    },
    close: async () => {
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      await faces.chat?.close();
      await faces.admin?.close();
      for (const close of closers) await close();
      await bus.close();
      await router.close();
      if (beside !== undefined) return;
      await database.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
