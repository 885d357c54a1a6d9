import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { mount, newMasterKey } from '../support/cluster-mounts.js';
import { freePort } from '../support/free-port.js';
import { startRedis } from '../support/redis-server.js';
import { freshDatabaseUrl } from '../support/test-database.js';
import { until } from '../support/until.js';
import { ControlPlane, type KubeTools, kubeTools } from './control-plane.js';

/** Where the operator of these tests lives. */
export const home = 'whisper-system';

interface ClusterOptions {
  readonly programs: string;
  readonly redis: string;
  readonly nodes?: number;
  readonly isAudited?: boolean;
  /** Fields of the WhisperPlatform beside its version. */
  readonly platform?: Readonly<Record<string, unknown>>;
}

/** A real control plane with the operator as a process of its own beside it, over real Postgres and Redis. */
export class OperatedCluster {
  /** What the operator wrote to its log. */
  log = '';
  readonly folders: string[] = [];
  private child: ChildProcess | null = null;
  private ends: (() => Promise<void>)[] = [];

  private constructor(
    readonly plane: ControlPlane,
    readonly kube: KubeTools,
    readonly controlUrl: string,
    readonly redisUrl: string,
    readonly secrets: string,
  ) {}

  /** Starts everything, with one shard `main` and the operator running. */
  static async start(options: ClusterOptions): Promise<OperatedCluster> {
    const { programs, nodes = 3, isAudited = false } = options;
    const [plane, redis, controlUrl, secrets] = await Promise.all([
      ControlPlane.start({ programs, nodes, isAudited }),
      startRedis(options.redis),
      freshDatabaseUrl(),
      mount({ 'master-key': newMasterKey() }),
    ]);
    const cluster = new OperatedCluster(plane, kubeTools(programs, plane.kubeconfig), controlUrl, redis.url, secrets);
    cluster.ends = [() => redis.stop(), () => plane.stop()];
    cluster.folders.push(secrets);
    await cluster.kube.applyCrds(join(installRoot(), 'crds'));
    await cluster.kube.kubectl('create', 'namespace', home);
    await cluster.apply(platform(options.platform ?? {}));
    await cluster.addShard('main');
    await cluster.startOperator();
    return cluster;
  }

  /** Applies objects as a person would. */
  async apply(...objects: readonly object[]): Promise<void> {
    await this.kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }

  /** A Postgres database of its own as a shard. @returns its URL */
  async addShard(name: string, spec: Readonly<Record<string, unknown>> = {}): Promise<string> {
    const url = await freshDatabaseUrl();
    await this.apply(
      secret(`shard-${name}`, { url }),
      manifest('DatabaseShard', name, { connectionSecretRef: { name: `shard-${name}` }, ...spec }),
    );
    return url;
  }

  /** Starts the operator as `npm run operator` does. */
  async startOperator(): Promise<void> {
    const port = await freePort();
    const { kubeconfig } = this.plane;
    const snapshots = join(this.secrets, 'snapshots');
    const args = [
      '--kubeconfig',
      kubeconfig,
      '--namespace',
      home,
      '--listen',
      `127.0.0.1:${port}`,
      '--snapshots',
      snapshots,
    ];
    const child = spawn(process.execPath, [join(installRoot(), 'dist/operator/main.js'), ...args], {
      env: {
        PATH: process.env['PATH'] ?? '',
        DATABASE_URL: this.controlUrl,
        REDIS_URL: this.redisUrl,
        WHISPER_SECRETS: this.secrets,
        WHISPER_DATA: this.secrets,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (bytes: Buffer) => (this.log += bytes.toString()));
    await until(async () => {
      if (child.exitCode !== null) throw new Error(`the operator ended: ${this.log.slice(-2_000)}`);
      return (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null))?.ok === true;
    }, 60_000);
  }

  async stopOperator(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const { child } = this;
    this.child = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  }

  /** Waits until a condition of an object has a status, as `kubectl wait` does. */
  async wait(object: string, condition: string, timeout = '60s'): Promise<void> {
    await this.kube.kubectl('wait', object, `--for=condition=${condition}`, `--timeout=${timeout}`);
  }

  /** The object as JSON. */
  async get<Shape>(...names: readonly string[]): Promise<Shape> {
    return JSON.parse(await this.kube.kubectl('get', ...names, '--output=json')) as Shape;
  }

  async close(): Promise<void> {
    await this.stopOperator();
    for (const end of this.ends) await end();
    for (const folder of this.folders) await rm(folder, { recursive: true, force: true });
  }
}

/** An object of one of our kinds. */
export function manifest(kind: string, name: string, spec: object, metadata: object = {}): object {
  return { apiVersion: 'whisperengine.ai/v1alpha1', kind, metadata: { name, ...metadata }, spec };
}

/** A tenant with as little as it takes. */
export function tenant(name: string, spec: Readonly<Record<string, unknown>> = {}): object {
  return manifest('WhisperTenant', name, {
    displayName: name,
    owner: { email: `owner@${name}.example` },
    deletionProtection: false,
    ...spec,
  });
}

function platform(spec: Readonly<Record<string, unknown>>): object {
  return manifest('WhisperPlatform', 'whisper', {
    version: '1.0.0',
    publicUrl: 'https://chat.example',
    ingress: { type: 'ingress' },
    ...spec,
  });
}

/** A Secret of the operator's namespace; `owner` is the tenant that may name it. */
export function secret(name: string, texts: Readonly<Record<string, string>>, owner?: string): object {
  const labels = owner === undefined ? {} : { 'whisperengine.ai/tenant': owner };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: home, labels }, stringData: texts };
}
