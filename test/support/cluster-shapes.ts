import { rm } from 'node:fs/promises';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { SystemClock } from '#libs/kernel/clock.js';
import { RandomIds } from '#libs/kernel/ids.js';
import { InProcessBus } from '#libs/messaging/in-process-bus.js';
import { openShared, type SharedDatabase } from '#libs/persistence/open-shared.js';
import { Addresses } from '#libs/platform/addresses.js';
import { composeIdentityCommands, identityParts } from '#libs/platform/compose-identity-commands.js';
import { openOperator, type OperatorParts } from '#libs/platform/compose-operator.js';
import { ConfigSchema } from '#libs/platform/config.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import type { Isolation } from '#libs/tenancy/ports/tenant-registry.js';
import { startAnotherPostgres } from './another-postgres.js';
import { AppProcess } from './app-process.js';
import { Browser } from './browser.js';
import { mount, mountDedicated, mountIdentities, newMasterKey, type PodMounts } from './cluster-mounts.js';
import { ClusterSigner } from './cluster-signer.js';
import { freePort } from './free-port.js';
import { type RedisServer, startRedis } from './redis-server.js';
import { freshDatabaseUrl, profileOf } from './test-database.js';

/** Chat and router of one shape, as processes of their own, and what both find mounted. */
export interface ServedShape extends PodMounts {
  readonly chat: AppProcess;
  readonly routerUrl: string;
}

type DedicatedShape = ServedShape & { readonly tenantFile: string };

/**
 * What a cluster runs, without Kubernetes: the dedicated tenants acme and globex and the pooled ones initech and
 * hooli, on two shards and one Redis, with the files that their pods would find mounted.
 */
export class ClusterShapes {
  private readonly folders: string[] = [];
  private readonly apps: AppProcess[] = [];
  private readonly tenants = new Map<string, Tenant>();
  private readonly dedicated = new Map<string, DedicatedShape>();
  private served: ServedShape | null = null;

  private constructor(
    readonly redis: RedisServer,
    readonly far: Awaited<ReturnType<typeof startAnotherPostgres>>,
    readonly controlUrl: string,
    readonly operator: OperatorParts,
    readonly reader: SharedDatabase,
    /** Vouches for the pods. */
    readonly cluster: ClusterSigner,
  ) {}

  static async start(program: string): Promise<ClusterShapes> {
    const [redis, far] = await Promise.all([startRedis(program), startAnotherPostgres()]);
    const controlUrl = await freshDatabaseUrl();
    const secrets = await mount({ 'master-key': newMasterKey() });
    const databases = { databaseUrl: controlUrl, redisUrl: redis.url };
    const config = ConfigSchema.parse({ tenants: '-', secrets, data: secrets, bootId: 'test', ...databases });
    const operator = await openOperator(config, pino({ level: 'silent' }));
    const usual = { region: 'eu', capacity: null, cordoned: false, weight: 100 };
    const access = await Promise.all([
      operator.shards.apply({ ...usual, name: 'near', adminUrl: await freshDatabaseUrl() }),
      operator.shards.apply({ ...usual, name: 'far', adminUrl: far.url }),
    ]);
    const shards = await mount(Object.fromEntries(access.map(({ name, appUrl }) => [`${name}/url`, appUrl])));
    const open = { url: operator.sharedAppUrl, shardsFolder: shards, isolation: undefined, poolSize: 2 };
    const reader = await openShared(open);
    const shapes = new ClusterShapes(redis, far, controlUrl, operator, reader, await ClusterSigner.create());
    shapes.folders.push(secrets, shards);
    await shapes.serve({ secrets, shards });
    return shapes;
  }

  tenant(slug: string): Tenant {
    return known(this.tenants.get(slug), slug);
  }

  /** The own apps of a dedicated tenant. */
  of(slug: string): DedicatedShape {
    return known(this.dedicated.get(slug), slug);
  }

  /** The shared apps of the pooled tenants. */
  get pooled(): ServedShape {
    return known(this.served ?? undefined, 'pooled');
  }

  /** A folder that is removed at the end. */
  get folder(): string {
    return this.folders[0] ?? '';
  }

  async startApp(...parameters: Parameters<typeof AppProcess.start>): Promise<AppProcess> {
    return this.stopLater(await AppProcess.start(...parameters));
  }

  /** Starts an app that is not expected to be ready. */
  async launchApp(...parameters: Parameters<typeof AppProcess.launch>): Promise<AppProcess> {
    return this.stopLater(await AppProcess.launch(...parameters));
  }

  /** The owner of a tenant, signed in at `chat`. */
  async enter(slug: string, chat: AppProcess): Promise<Browser> {
    const addresses = new Addresses('http', chat.port, '');
    const parts = identityParts({
      sessions: this.reader.sessions,
      metrics: new Registry(),
      clock: new SystemClock(),
      ids: new RandomIds(),
      bus: new InProcessBus(),
      addresses,
    });
    const { url } = await composeIdentityCommands(parts, { addresses }).issueOwnerLink(this.tenant(slug));
    const owner = new Browser(`http://${slug}.localhost:${chat.port}`);
    const { status } = await owner.call('POST', '/api/links/use', { token: new URL(url).hash.slice(1) });
    if (status !== 200) throw new Error(`the owner of ${slug} was not let in: ${status}`);
    return owner;
  }

  async close(): Promise<void> {
    await Promise.all(this.apps.map((app) => app.stop()));
    await this.reader.close();
    await this.operator.close();
    await this.redis.stop();
    await this.far.stop();
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true });
  }

  private async serve({ secrets, shards }: { secrets: string; shards: string }): Promise<void> {
    await this.provision('acme', 'near', 'dedicated');
    await this.provision('globex', 'far', 'dedicated');
    await this.provision('initech', 'near', 'pooled');
    await this.provision('hooli', 'far', 'pooled');
    for (const slug of ['acme', 'globex']) {
      const mounts = await mountDedicated(this.operator, this.tenant(slug), this.cluster);
      this.dedicated.set(slug, { ...mounts, ...(await this.startPair(mounts)) });
    }
    const serviceKeys = await this.operator.makeServiceKeys();
    const shared = { cluster: this.cluster, namespace: 'whisper-system', prefix: 'whisper-', serviceKeys };
    const mounts = await mountIdentities(shared, {
      DATABASE_URL: this.operator.sharedAppUrl,
      REDIS_URL: this.redis.url,
      WHISPER_SHARDS: shards,
      WHISPER_ISOLATION: 'pooled',
      WHISPER_SECRETS: secrets,
      WHISPER_DATA: `${secrets}/data`,
    });
    this.served = { ...mounts, ...(await this.startPair(mounts)) };
  }

  private async provision(slug: string, shard: string, isolation: Isolation): Promise<void> {
    const description = {
      slug,
      hosts: [`${slug}.localhost`],
      suspended: false,
      revision: 'r1',
      profile: profileOf(slug),
      isolation,
      placement: { shard },
    };
    this.tenants.set(slug, await this.operator.registry.apply(description));
  }

  /** Chat and router, one behind the other. */
  private async startPair({ envOf, folder }: PodMounts): Promise<{ chat: AppProcess; routerUrl: string }> {
    this.folders.push(folder);
    const routerPort = await freePort();
    const routerUrl = `http://127.0.0.1:${routerPort + 1}`;
    const [chat] = await Promise.all([
      this.startApp('chat', { ...envOf('chat'), WHISPER_ROUTER_URL: routerUrl }),
      this.startApp('router', envOf('router'), routerPort),
    ]);
    return { chat, routerUrl };
  }

  private stopLater(app: AppProcess): AppProcess {
    this.apps.push(app);
    return app;
  }
}

function known<Value>(value: Value | undefined, name: string): Value {
  if (value === undefined) throw new Error(`there is no ${name} here`);
  return value;
}
