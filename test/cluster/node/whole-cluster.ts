import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installRoot } from '#libs/platform/install-root.js';
import { newMasterKey } from '../../support/cluster-mounts.js';
import { nodeProgramFolders } from './component.js';
import { type DataServer, postgresServer, redisServer } from './data-servers.js';
import { identityProvider } from './identity-provider.js';
import { installMetrics, monitoring } from './metrics-adapter.js';
import { podReadySeconds } from './pod-times.js';
import { RealNode } from './real-node.js';
import { redisImage } from './redis-image.js';
import { type BuiltImage, whisperImage } from './whisper-image.js';

/** Where the release lives. */
export const home = 'whisper-system';
const publicHost = 'whisper.localhost';
const small = { requests: { cpu: '50m', memory: '96Mi' }, limits: { memory: '512Mi' } };
/** Pods that start beside others keep two cores busy; no autoscaler should take that for work. */
const roomy = { ...small, requests: { cpu: '100m', memory: '96Mi' } };
const apps = { chat: roomy, router: small, admin: small };
const scaling = (min: number, max: number) => ({ min, max, targetCpu: 100 });

/** Ports that tenants' addresses name, the same inside the node's network and outside. */
export interface ClusterPorts {
  readonly chat: number;
  readonly idp: number;
}

function secret(name: string, stringData: object, labels: object = {}): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: home, labels }, stringData };
}

function manifest(kind: string, name: string, spec: object): object {
  return { apiVersion: 'whisperengine.ai/v1alpha1', kind, metadata: { name }, spec };
}

/** Values of the release: the image that was built here, and as little CPU as a machine with two cores has to give. */
function values(image: string, port: number): object {
  const [repository, tag] = image.split(/:(?=[^:]+$)/);
  return {
    image: { repository, tag },
    operator: { replicas: 1, resources: small },
    shared: {
      autoscaling: { chat: scaling(1, 1), router: scaling(1, 1), admin: scaling(1, 1) },
      resources: { chat: small, router: small, admin: small },
    },
    platform: {
      publicUrl: `http://${publicHost}:${port}`,
      ingress: { type: 'ingress', className: 'test' },
      resources: apps,
      monitoring: { namespace: monitoring },
      autoscaling: { chat: scaling(2, 2), router: scaling(1, 1), admin: scaling(1, 1) },
    },
  };
}

function secondsSince(begun: number): string {
  return `${((performance.now() - begun) / 1000).toFixed(1)} s`;
}

/** The whole product on one real node: databases, Redis, the release of both charts, two shards and two tenants. */
export class WholeCluster {
  private readonly children: ChildProcess[] = [];

  private constructor(
    readonly node: RealNode,
    readonly image: BuiltImage,
    readonly ports: ClusterPorts,
    /** By the name of its namespace. */
    readonly servers: ReadonlyMap<string, DataServer>,
    private readonly tell: (line: string) => void,
  ) {}

  /** Starts everything up to two Ready tenants. `redis` is the program; `tell` hears what was reached, and when. */
  static async start(redis: string, tell: (line: string) => void, ports: ClusterPorts): Promise<WholeCluster> {
    const begun = performance.now();
    const [image, redisBuilt] = [await whisperImage(), await redisImage(redis)];
    tell(`images built, or found as they were: ${secondsSince(begun)}`);
    const node = await RealNode.start({ programs: nodeProgramFolders(), images: [image, redisBuilt] });
    const postgres = ['control', 'shard-one', 'shard-two'].map((name) => postgresServer(name, image.name));
    const servers = [...postgres, redisServer('redis', redisBuilt.name)];
    const cluster = new WholeCluster(node, image, ports, new Map(servers.map((each) => [each.name, each])), tell);
    try {
      tell(`node: ${[...node.timings].map(([name, ms]) => `${name} ${(ms / 1000).toFixed(1)} s`).join(', ')}`);
      await cluster.timed('databases and Redis', () => cluster.startServers());
      cluster.openWayIn();
      await cluster.timed('metrics APIs', () => installMetrics(node, image.name));
      await cluster.timed('helm install', () => cluster.install());
      await cluster.timed('two tenants Ready', () => cluster.addTenants());
      for (const namespace of [home, 'whisper-acme'])
        tell(`pods of ${namespace} Ready after: ${await podReadySeconds(node.kube, namespace)}`);
      return cluster;
    } catch (error) {
      const state = await cluster.state();
      await cluster.stop();
      throw new Error(`${String(error)}\n${state}`, { cause: error });
    }
  }

  /** Address of a tenant's chat. */
  chatUrl(tenant: string): string {
    return `http://${tenant}.${publicHost}:${this.ports.chat}`;
  }

  /** A socket file that leads to the same way in, for those outside the node's network. */
  get wayInSocket(): string {
    return this.node.place.path('way-in.sock');
  }

  async apply(...items: readonly object[]): Promise<void> {
    await this.node.kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  }

  /** A Secret of the release's namespace that only one tenant may name. */
  async addTenantSecret(tenant: string, name: string, data: object): Promise<void> {
    await this.apply(secret(name, data, { 'whisperengine.ai/tenant': tenant }));
  }

  /** Lets people into acme through an identity provider in the cluster, and waits until its pods know. */
  async addIdentityProvider(): Promise<void> {
    const { kube } = this.node;
    const provider = identityProvider(this.image.name, this.chatUrl('acme'), this.ports.idp);
    await this.apply(...provider.objects);
    const idp = ['deployment/idp', '-n', provider.namespace, '--timeout=60s'];
    await kube.kubectl('rollout', 'status', ...idp);
    await this.addTenantSecret('acme', provider.secretName, { value: provider.clientSecret });
    await kube.kubectl('patch', 'wt', 'acme', '--type=merge', '-p', JSON.stringify({ spec: { sso: provider.sso } }));
    const discovered = 'jsonpath={.status.conditions[?(@.type=="SSOConfigured")].reason}=Discovered';
    await kube.kubectl('wait', `--for=${discovered}`, 'wt/acme', '--timeout=60s');
    await kube.kubectl('rollout', 'status', 'deployment/chat', '-n', 'whisper-acme', '--timeout=120s');
    await kube.kubectl('wait', '--for=condition=Ready', 'wt/acme', '--timeout=120s');
  }

  /** A one-time link of a tenant's owner, as the pods of the tenant make it. */
  async ownerLink(tenant: string, place: readonly string[]): Promise<string> {
    const command = ['node', 'apps/cli/whisper.mjs', 'link', '--tenant', tenant];
    return (await this.node.kube.kubectl('exec', '-n', ...place, '--', ...command)).trim();
  }

  /** Starts a script of this folder in the node's network; it ends with the cluster. */
  runScript(file: string, args: readonly string[], environment: Readonly<Record<string, string>> = {}): void {
    const script = fileURLToPath(new URL(file, import.meta.url));
    const [program, ...rest] = this.node.inNetwork(process.execPath, script, ...args);
    const log = openSync(this.node.place.log(file), 'a');
    const env = { ...process.env, KUBECONFIG: this.node.place.kubeconfig, ...environment };
    this.children.push(spawn(program, rest, { env, stdio: ['ignore', log, log] }));
  }

  /** What a person would look at first when something does not become Ready. */
  async state(): Promise<string> {
    const look = (...args: readonly string[]) =>
      this.node.kube.kubectl(...args).catch((error: unknown) => String(error));
    return [
      await look('get', 'pods', '-A', '-o', 'wide'),
      await look('get', 'wt,dbs,mb,wp', '-o', 'wide'),
      await look(
        'get',
        'wt',
        '-o',
        'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{range .status.conditions[*]}  {.type}={.status} {.reason}: {.message}{"\\n"}{end}{end}',
      ),
      await look('logs', '-n', home, 'deployment/whisper-operator', '--tail=20'),
    ].join('\n');
  }

  async stop(): Promise<void> {
    for (const child of this.children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    await this.node.stop();
  }

  private async timed(name: string, work: () => Promise<void>): Promise<void> {
    const begun = performance.now();
    await work();
    this.tell(`${name}: ${secondsSince(begun)}`);
  }

  private async startServers(): Promise<void> {
    const { kube } = this.node;
    const servers = [...this.servers.values()];
    await this.apply(...servers.flatMap(({ objects }) => objects));
    for (const { name } of servers)
      await kube.kubectl('rollout', 'status', `deployment/${name}`, '-n', name, '--timeout=100s');
  }

  private openWayIn(): void {
    this.runScript('./way-in-process.js', [this.node.place.kubeconfig, String(this.ports.chat), this.wayInSocket]);
  }

  private urlOf(server: string): string {
    return this.servers.get(server)?.url ?? '';
  }

  private async install(): Promise<void> {
    const { kube, place } = this.node;
    await kube.kubectl('create', 'namespace', home);
    await this.apply(
      secret('whisper-database', { url: this.urlOf('control') }),
      secret('whisper-redis', { url: this.urlOf('redis') }),
      secret('whisper-master-key', { 'master-key': newMasterKey() }),
    );
    const charts = join(installRoot(), 'charts');
    await kube.helm('install', 'whisper-crds', join(charts, 'whisper-crds'), '-n', home);
    await kube.kubectl('wait', '--for=condition=Established', 'crd', '--all', '--timeout=60s');
    const file = place.path('values.json');
    writeFileSync(file, JSON.stringify(values(this.image.name, this.ports.chat)));
    await kube.helm('install', 'whisper', join(charts, 'whisper'), '-n', home, '--values', file);
    await kube.kubectl('rollout', 'status', 'deployment/whisper-operator', '-n', home, '--timeout=120s');
  }

  private async addTenants(): Promise<void> {
    const { kube } = this.node;
    const shards = ['shard-one', 'shard-two'];
    await this.apply(
      ...shards.map((name) => secret(name, { url: this.urlOf(name) })),
      ...shards.map((name) => manifest('DatabaseShard', name, { connectionSecretRef: { name } })),
      manifest('ModelBackend', 'demo', { provider: 'demo' }),
    );
    for (const name of shards) await kube.kubectl('wait', '--for=condition=Ready', `dbs/${name}`, '--timeout=60s');
    for (const tenant of ['acme', 'globex'])
      await kube.applyText(readFileSync(join(installRoot(), 'examples', 'tenants', `${tenant}.yaml`), 'utf8'));
    await kube.kubectl('wait', '--for=condition=Ready', 'wt/acme', 'wt/globex', '--timeout=300s');
    for (const app of ['chat', 'router', 'admin'])
      await kube.kubectl('rollout', 'status', `deployment/whisper-${app}`, '-n', home, '--timeout=180s');
  }
}
