import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { type Certificates, kubeconfigFor, makeCertificates } from './certificates.js';
import { fakeNodes } from './fake-nodes.js';
import {
  type Ports,
  apiserverFlags,
  controllerManagerFlags,
  etcdFlags,
  kwokFlags,
  schedulerFlags,
} from './program-flags.js';

const startMs = 120_000;
const stopMs = 15_000;

export interface ControlPlaneOptions {
  /** Folder of the programs. */
  readonly programs: string;
  /** Nodes that kwok plays. */
  readonly nodes?: number;
  /** Write each request to `audit.log` in the folder. */
  readonly isAudited?: boolean;
  /** How often autoscalers look: each second, unless hundreds of them would be a load of their own. */
  readonly autoscalerSeconds?: number;
  /** More of what kwok plays: YAML of Stages. */
  readonly stages?: string;
}

/** A real Kubernetes control plane: etcd, API server, controllers, scheduler, and nodes that kwok plays. */
export class ControlPlane {
  private readonly children = new Map<string, ChildProcess>();

  private constructor(
    readonly folder: string,
    readonly ports: Ports,
    private readonly certificates: Certificates,
    private readonly options: ControlPlaneOptions,
  ) {}

  /** Starts one; about 7 s on idle cores. */
  static async start(options: ControlPlaneOptions): Promise<ControlPlane> {
    const folder = mkdtempSync(join(tmpdir(), 'whisper-control-plane-'));
    const certificates = makeCertificates(folder);
    const ports = {
      etcd: await freePort(),
      peer: await freePort(),
      apiserver: await freePort(),
      controllerManager: await freePort(),
      scheduler: await freePort(),
      kwok: await freePort(),
    };
    const plane = new ControlPlane(folder, ports, certificates, options);
    try {
      await plane.startAll();
      return plane;
    } catch (error) {
      await plane.stop();
      throw error;
    }
  }

  /** Base address of the API server. */
  get server(): string {
    return `https://127.0.0.1:${this.ports.apiserver}`;
  }

  /** Path of an administrator's kubeconfig. */
  get kubeconfig(): string {
    return join(this.folder, 'admin.kubeconfig');
  }

  /** Kills the API server with -9; etcd keeps what it knew. */
  async killApiServer(): Promise<void> {
    await this.end('kube-apiserver', 'SIGKILL');
  }

  /** Starts it again on the same port, with `more` flags, and waits until it is ready. */
  async startApiServer(more: readonly string[] = []): Promise<void> {
    const { isAudited = false } = this.options;
    this.launch('kube-apiserver', [...apiserverFlags(this.place, isAudited), ...more]);
    await until(() => this.isReady(), startMs);
  }

  /** Ends all programs and removes their folder. */
  async stop(): Promise<void> {
    for (const name of ['kwok', 'kube-scheduler', 'kube-controller-manager', 'kube-apiserver', 'etcd'])
      await this.end(name, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get place() {
    return { certificates: this.certificates, ports: this.ports, folder: this.folder };
  }

  private async startAll(): Promise<void> {
    this.writeFiles();
    this.launch('etcd', etcdFlags(this.place));
    await this.startApiServer();
    this.launch('kube-controller-manager', controllerManagerFlags(this.place, this.options.autoscalerSeconds ?? 1));
    this.launch('kube-scheduler', schedulerFlags(this.place));
    this.launch('kwok', kwokFlags(this.place, join(this.folder, 'kwok.yaml')));
    const kube = kubeTools(this.options.programs, this.kubeconfig);
    await kube.applyText(fakeNodes(this.options.nodes ?? 2));
    // Pods need the account that the controller-manager makes in each namespace.
    await until(() => kube.kubectl('get', 'serviceaccount', 'default').then(Boolean, () => false), startMs);
  }

  private writeFiles(): void {
    const { folder, certificates } = this;
    mkdirSync(join(folder, 'logs'));
    for (const name of ['admin', 'controller-manager', 'scheduler', 'kwok'])
      writeFileSync(join(folder, `${name}.kubeconfig`), kubeconfigFor(certificates, this.server, name), {
        mode: 0o600,
      });
    writeFileSync(join(folder, 'audit-policy.yaml'), auditPolicy);
    const { programs, stages = '' } = this.options;
    const usual = readFileSync(join(programs, 'kwok.yaml'), 'utf8');
    writeFileSync(join(folder, 'kwok.yaml'), stages === '' ? usual : `${usual}\n---\n${stages}`);
  }

  private launch(name: string, flags: readonly string[]): void {
    const log = openSync(join(this.folder, 'logs', `${name}.log`), 'a');
    const child = spawn(join(this.options.programs, name), flags, { stdio: ['ignore', log, log] });
    this.children.set(name, child);
  }

  private async end(name: string, signal: NodeJS.Signals): Promise<void> {
    const child = this.children.get(name);
    this.children.delete(name);
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit', { signal: AbortSignal.timeout(stopMs) });
    child.kill(signal);
    await gone;
  }

  private async isReady(): Promise<boolean> {
    const child = this.children.get('kube-apiserver');
    if (child !== undefined && child.exitCode !== null) throw new Error(this.lastWords('kube-apiserver'));
    const ca = readFileSync(this.certificates.path('ca.crt'));
    const cert = readFileSync(this.certificates.path('admin.crt'));
    const key = readFileSync(this.certificates.path('admin.key'));
    return new Promise((resolve) => {
      const call = request(`${this.server}/readyz`, { ca, cert, key, agent: false, timeout: 5000 }, (response) => {
        response.resume();
        resolve(response.statusCode === 200);
      });
      call.on('error', () => resolve(false));
      call.on('timeout', () => call.destroy());
      call.end();
    });
  }

  private lastWords(name: string): string {
    const log = readFileSync(join(this.folder, 'logs', `${name}.log`), 'utf8');
    return `${name} ended at once: ${log.slice(-600)}`;
  }
}

/** Each request once, without bodies: enough to count who asked for what. */
const auditPolicy = `apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived, ResponseStarted]
rules: [{level: Metadata}]
`;

const run = promisify(execFile);
const outputBytes = 64 * 1024 * 1024;

/** kubectl and helm for one cluster. All fail with what the program said. */
export interface KubeTools {
  kubectl(...args: string[]): Promise<string>;
  helm(...args: string[]): Promise<string>;
  /** `kubectl apply` of manifests, server-side, with `more` flags. */
  applyText(manifests: string, ...more: string[]): Promise<string>;
  /** Applies every CustomResourceDefinition of a folder and waits until they are served. */
  applyCrds(folder: string): Promise<void>;
}

/** `through` is what stands before each command, as `nsenter` does for a cluster in another network. */
export function kubeTools(programs: string, kubeconfig: string, through: readonly string[] = []): KubeTools {
  const home = join(kubeconfig, '..', 'home');
  const env = { PATH: process.env['PATH'], HOME: home, KUBECONFIG: kubeconfig };
  const call = async (program: string, args: readonly string[], input?: string) => {
    const [first = '', ...rest] = [...through, join(programs, program), ...args];
    const pending = run(first, rest, { env, maxBuffer: outputBytes });
    if (input !== undefined) pending.child.stdin?.end(input);
    return (await pending).stdout;
  };
  const kubectl = (...args: string[]) => call('kubectl', args);
  return {
    kubectl,
    helm: (...args) => call('helm', args),
    applyText: (manifests, ...more) => call('kubectl', ['apply', '--server-side', ...more, '-f', '-'], manifests),
    async applyCrds(folder) {
      await kubectl('apply', '--server-side', '-f', folder);
      await kubectl('wait', '--for=condition=Established', '--timeout=60s', '-f', folder);
    },
  };
}
