import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { RouterModule } from '#apps/router/app.module.js';
import { SystemClock } from '#libs/kernel/clock.js';
import { RandomIds, type UserId } from '#libs/kernel/ids.js';
import type { KeyAuthenticator } from '#libs/identity/ports/key-authenticator.js';
import type { ServiceTokenVerifier } from '#libs/identity/ports/service-tokens.js';
import type { BackendDefinition } from '#libs/inference/domain/backend.js';
import { backendFromSpec } from '#libs/inference/domain/backend-from-spec.js';
import type { Deadlines } from '#libs/inference/ports/model-server.js';
import type { UsageStores } from '#libs/inference/ports/usage-store.js';
import { composeInference, type Inference } from '#libs/platform/compose-inference.js';
import { type Config, ConfigSchema } from '#libs/platform/config.js';
import { createFace } from '#libs/platform/nest/create-face.js';
import { OpenAiErrorsFilter } from '#libs/platform/nest/openai-error.js';
import { KeyRing } from '#libs/signin/key-ring.js';
import { JwtServiceTokenIssuer, JwtServiceTokenVerifier, localKeys } from '#libs/signin/service-tokens.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { TenantSessions } from '#libs/tenancy/ports/tenant-sessions.js';
import { MemoryBackendRegistry, MemoryKeys, MemorySecrets, MemoryUsageSessions } from '#test/fakes/memory-inference.js';
import { MemoryProfiles, MemoryTenants } from '#test/fakes/memory-tenants.js';

export interface TestRouter {
  /** `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly inference: Inference;
  readonly metrics: Registry;
  readonly tenants: MemoryTenants;
  readonly profiles: MemoryProfiles;
  readonly registry: MemoryBackendRegistry;
  readonly keys: MemoryKeys;
  readonly secrets: MemorySecrets;
  /** Where usage goes, unless the test gave sessions of its own. */
  readonly usage: MemoryUsageSessions;
  readonly server: Server;
  /** Adds a tenant with an API key of the same name as its slug. */
  addTenant(tenant: Tenant): Tenant;
  /** Replaces the manifests and asks them all. */
  setBackends(definitions: readonly BackendDefinition[]): Promise<void>;
  serviceToken(tenant: Tenant, actor?: UserId): Promise<string>;
  close(): Promise<void>;
}

export interface TestRouterOptions {
  readonly sessions?: TenantSessions<UsageStores>;
  readonly deadlines?: Deadlines;
  readonly config?: Partial<Config>;
  /** In place of keys in memory. */
  readonly keys?: KeyAuthenticator;
  /** Stands between the router and whoever checks service tokens. */
  readonly tokens?: (real: ServiceTokenVerifier) => ServiceTokenVerifier;
}

/** A definition as a manifest of an OpenAI-compatible server makes it. */
export function backendAt(name: string, url: string, change: Partial<BackendDefinition> = {}): BackendDefinition {
  return { ...backendFromSpec(name, { provider: 'openai', url }, `${name} ${url}`), ...change };
}

/** The router on a real port over fakes. */
export async function startRouter(options: TestRouterOptions = {}): Promise<TestRouter> {
  const data = await mkdtemp(join(tmpdir(), 'whisper-router-'));
  const fakes = {
    tenants: new MemoryTenants(),
    profiles: new MemoryProfiles(),
    registry: new MemoryBackendRegistry(),
    keys: new MemoryKeys(),
    secrets: new MemorySecrets(),
    usage: new MemoryUsageSessions(),
    metrics: new Registry(),
  };
  const closers: (() => Promise<void>)[] = [];
  const clock = new SystemClock();
  const ring = await KeyRing.create(() => new RandomIds().next(), clock.now());
  const issuer = new JwtServiceTokenIssuer('chat', ring, clock);
  const verifier = new JwtServiceTokenVerifier(localKeys(ring), fakes.tenants, clock);
  const config = ConfigSchema.parse({ tenants: '-', secrets: '-', data, bootId: 'test', probeModels: 'false' });
  const log = pino({ level: 'silent' });
  const inference = composeInference(
    {
      clock,
      log,
      config: { ...config, ...options.config },
      metrics: fakes.metrics,
      profiles: fakes.profiles,
      sessions: options.sessions ?? fakes.usage,
      secrets: fakes.secrets,
      onClose: (close) => void closers.push(close),
    },
    {
      registry: fakes.registry,
      keys: options.keys ?? fakes.keys,
      serviceTokens: options.tokens?.(verifier) ?? verifier,
      ...(options.deadlines === undefined ? {} : { deadlines: options.deadlines }),
    },
  );
  inference.start();
  const face = await createFace({
    module: RouterModule.with(inference.providers),
    log,
    // As the standalone platform has it: the router's own parser takes more.
    bodyLimitBytes: 1024 * 1024,
    prepare: () => undefined,
    equip: (app) => RouterModule.equip(app),
    contracts: false,
    errors: new OpenAiErrorsFilter(log),
  });
  const server = createServer((request, response) => face.handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...fakes,
    inference,
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    addTenant: (tenant) => addTenant(fakes.tenants, fakes.keys, tenant),
    setBackends: async (definitions) => {
      fakes.registry.definitions = [...definitions];
      await inference.backends.refresh();
    },
    serviceToken: (tenant, actor) => issuer.issue({ audience: 'whisper-router', tenant, actor: actor ?? null }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      await face.close();
      for (const close of closers.reverse()) await close();
      await rm(data, { recursive: true, force: true });
    },
  };
}

function addTenant(tenants: MemoryTenants, keys: MemoryKeys, tenant: Tenant): Tenant {
  tenants.add(tenant);
  keys.add(tenant.slug, {
    tenant,
    keyId: 'key0000001',
    personId: null,
    limits: null,
    scopes: ['chat', 'embeddings', 'models'],
  });
  return tenant;
}
