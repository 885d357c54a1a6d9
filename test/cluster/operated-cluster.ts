import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installRoot } from '#libs/platform/install-root.js';
import { mount, newMasterKey } from '../support/cluster-mounts.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { sharedApps } from '../support/shared-apps.js';
import { freshDatabaseUrl } from '../support/test-database.js';
import { ControlPlane, type KubeTools, kubeTools } from './control-plane.js';
import { home, operatorAccount } from './operator-account.js';
import { OperatorProcess } from './operator-process.js';

interface ClusterOptions {
  readonly programs: string;
  readonly redis: string;
  readonly nodes?: number;
  readonly isAudited?: boolean;
  readonly autoscalerSeconds?: number;
  /** Of the operators' election; left out: the usual one. */
  readonly leaseSeconds?: number;
  /** The chart's admission policies guard it. */
  readonly hasPolicies?: boolean;
  /** Manifests that are there before the operator starts. */
  readonly before?: string;
  /** More of what kwok plays. */
  readonly stages?: string;
  /** Fields of the WhisperPlatform beside its version. */
  readonly platform?: Readonly<Record<string, unknown>>;
  /** What the cluster should have before the operator looks. */
  readonly prepare?: (plane: ControlPlane, kube: KubeTools) => Promise<void>;
}

/** A real control plane with the operator as a process of its own beside it, over real Postgres and Redis. */
export class OperatedCluster {
  /** Those that run, the oldest first. */
  readonly operators: OperatorProcess[] = [];
  readonly folders: string[] = [];
  /** Of the operator's own account, with the rights of the chart. */
  private account = '';

  private constructor(
    readonly plane: ControlPlane,
    readonly kube: KubeTools,
    readonly controlUrl: string,
    readonly secrets: string,
    private redis: RedisServer,
    private readonly options: ClusterOptions,
  ) {}

  /** Starts everything, with one shard `main` and the operator running. */
  static async start(options: ClusterOptions): Promise<OperatedCluster> {
    const { programs, nodes = 3, isAudited = false, autoscalerSeconds = 1, stages = '' } = options;
    const [plane, redis, controlUrl, secrets] = await Promise.all([
      ControlPlane.start({ programs, nodes, isAudited, autoscalerSeconds, stages }),
      startRedis(options.redis),
      freshDatabaseUrl(),
      mount({ 'master-key': newMasterKey() }),
    ]);
    const kube = kubeTools(programs, plane.kubeconfig);
    const cluster = new OperatedCluster(plane, kube, controlUrl, secrets, redis, options);
    cluster.folders.push(secrets);
    await cluster.kube.applyCrds(join(installRoot(), 'crds'));
    await cluster.kube.kubectl('create', 'namespace', home);
    cluster.account = await operatorAccount(plane, programs, options.hasPolicies ?? false);
    if (options.before !== undefined) await cluster.kube.applyText(options.before);
    await cluster.apply(platform(options.platform ?? {}), ...sharedApps(home));
    await cluster.addShard('main');
    await options.prepare?.(plane, kube);
    await cluster.startOperator();
    return cluster;
  }

  get redisUrl(): string {
    return this.redis.url;
  }

  /** Applies objects as a person would. */
  async apply(...objects: readonly object[]): Promise<void> {
    await this.kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects }));
  }

  /** A database of its own as a shard, or the one at `on`. @returns its URL */
  async addShard(name: string, spec: Readonly<Record<string, unknown>> = {}, on?: string): Promise<string> {
    const url = on ?? (await freshDatabaseUrl());
    await this.apply(
      secret(`shard-${name}`, { url }),
      manifest('DatabaseShard', name, { connectionSecretRef: { name: `shard-${name}` }, ...spec }),
    );
    return url;
  }

  /** Starts another operator, which waits where one leads. `isKept`: it is started again when it ends. */
  async startOperator(isKept = false): Promise<OperatorProcess> {
    const { leaseSeconds = 15 } = this.options;
    const snapshots = join(this.secrets, 'snapshots');
    const operator = await OperatorProcess.start({
      args: [
        '--kubeconfig',
        this.account,
        '--namespace',
        home,
        '--snapshots',
        snapshots,
        '--lease',
        String(leaseSeconds),
      ],
      env: {
        DATABASE_URL: this.controlUrl,
        REDIS_URL: this.redisUrl,
        WHISPER_SECRETS: this.secrets,
        WHISPER_DATA: this.secrets,
      },
      isKept,
    });
    this.operators.push(operator);
    return operator;
  }

  /** Ends all operators. */
  async stopOperator(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    for (const operator of this.operators.splice(0)) await operator.stop(signal);
  }

  /** Ends Redis, which forgets everything, and starts another one at the same address. */
  async restartRedis(): Promise<void> {
    await this.redis.stop();
    this.redis = await startRedis(this.options.redis, Number(new URL(this.redisUrl).port));
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
    await this.redis.stop();
    await this.plane.stop();
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

/** The WhisperPlatform; its ingress is by Ingress objects, unless `spec` says otherwise. */
export function platform(spec: Readonly<Record<string, unknown>>): object {
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
