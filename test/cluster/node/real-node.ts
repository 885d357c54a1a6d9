import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { until } from '../../support/until.js';
import { type KubeTools, kubeTools } from '../control-plane.js';
import { nameServer } from './name-server.js';
import { writeNodeFiles } from './node-files.js';
import { nodeName, prepareMachine } from './node-machine.js';
import { containerdSocket, NodePlace } from './node-place.js';
import { initScript, nodeCommands, type NodeProgram, nodeProgramNames, type Programs } from './node-programs.js';
import { nodeOwnImages } from './small-images.js';
import type { BuiltImage } from './whisper-image.js';

const run = promisify(execFile);
const startMs = 120_000;
const stopMs = 30_000;
const outputBytes = 64 * 1024 * 1024;

/** What `RealNode.start` is given. */
export interface NodeOptions {
  readonly programs: Programs;
  /** Loaded before the first pod; none can be fetched. */
  readonly images: readonly BuiltImage[];
}

/**
 * One real Kubernetes node with its control plane, in a network, mounts and processes of its own: containers run, names
 * resolve and policies hold, and nothing in it reaches the machine's own network. It ends with the process that made it.
 */
export class RealNode {
  private constructor(
    readonly place: NodePlace,
    /** kubectl and helm, inside the node's network. */
    readonly kube: KubeTools,
    /** How long each part of the start took, in ms. */
    readonly timings: ReadonlyMap<string, number>,
    private readonly child: ChildProcess,
    private readonly undo: () => void,
  ) {}

  /** Starts one and waits until pods can run and names resolve; 15 to 30 s. */
  static async start({ programs, images }: NodeOptions): Promise<RealNode> {
    const own = await nodeOwnImages(programs.node);
    const place = new NodePlace(nodeName(), mkdtempSync(join(tmpdir(), 'whisper-node-')));
    const undo = prepareMachine(place);
    const timings = new Map<string, number>();
    const node = new RealNode(
      place,
      kubeTools(programs.kubernetes, place.kubeconfig, [`nsenter`, `--net=${place.network}`]),
      timings,
      launch(place, programs),
      undo,
    );
    try {
      await node.become([...own, ...images], timings);
      return node;
    } catch (error) {
      const words = node.lastWords();
      await node.stop();
      throw new Error(`the node did not start: ${String(error)}\n${words}`, { cause: error });
    }
  }

  /** A command that runs a program of the machine in the node's network: program, then arguments. */
  inNetwork(...command: readonly string[]): readonly [string, ...string[]] {
    return ['nsenter', `--net=${this.place.network}`, ...command];
  }

  /** Runs a program in the node's network; gives what it printed. */
  async exec(...command: readonly string[]): Promise<string> {
    const [program, ...args] = this.inNetwork(...command);
    return (await run(program, args, { maxBuffer: outputBytes })).stdout;
  }

  /** Runs a program where the node's own programs run: their files, processes and network. */
  async inside(...command: readonly string[]): Promise<string> {
    const into = ['--target', String(this.pid()), '--mount', '--pid', '--net'];
    return (await run('nsenter', [...into, ...command], { maxBuffer: outputBytes })).stdout;
  }

  /** Makes an image known to containerd. */
  async load({ archive }: BuiltImage): Promise<void> {
    await this.inside('ctr', '--address', containerdSocket, '--namespace', 'k8s.io', 'images', 'import', archive);
  }

  /** Ends a program of the node with -9; it is started again at once. */
  async kill(program: NodeProgram): Promise<void> {
    await this.inside('kill', '-KILL', readFileSync(this.place.pidFile(program), 'utf8').trim());
  }

  /** Ends the first container of the first pod that `selector` finds, with -9. */
  async killContainer(namespace: string, selector: string): Promise<void> {
    const path = 'jsonpath={.items[0].status.containerStatuses[0].containerID}';
    const id = await this.kube.kubectl('get', 'pod', '-n', namespace, '-l', selector, '-o', path);
    const ctr = ['ctr', '--address', containerdSocket, '--namespace', 'k8s.io'];
    await this.inside(...ctr, 'task', 'kill', '--signal', 'SIGKILL', id.replace('containerd://', ''));
  }

  /** Ends everything, and leaves the machine as it was. */
  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const gone = once(this.child, 'exit', { signal: AbortSignal.timeout(stopMs) });
      this.child.kill('SIGKILL');
      await gone;
    }
    // The kernel lets go of mounts and cgroups a moment after the last process.
    await new Promise((resolve) => setTimeout(resolve, 300));
    this.undo();
    rmSync(this.place.folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }

  private async become(images: readonly BuiltImage[], timings: Map<string, number>): Promise<void> {
    const begun = performance.now();
    const mark = (name: string) => timings.set(name, Math.round(performance.now() - begun));
    await until(
      () =>
        this.inside('test', '-S', containerdSocket).then(
          () => true,
          () => false,
        ),
      startMs,
    );
    await until(() => this.isReady(), startMs);
    mark('control plane');
    for (const image of images) await this.load(image);
    mark('images');
    const { kube, place } = this;
    await until(() => kube.kubectl('get', 'node', place.name, '-o', 'name').catch(() => null), startMs);
    await kube.kubectl('wait', '--for=condition=Ready', `node/${place.name}`, '--timeout=100s');
    mark('node Ready');
    // Pods need the account that the controller-manager makes in each namespace.
    await until(() => kube.kubectl('get', 'serviceaccount', 'default').then(Boolean, () => false), startMs);
    await kube.applyText(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: nameServer() }));
    await kube.kubectl('rollout', 'status', 'deployment/coredns', '-n', 'kube-system', '--timeout=100s');
    mark('names resolve');
  }

  private async isReady(): Promise<boolean> {
    if (this.child.exitCode !== null) throw new Error('process 1 of the node has ended');
    const answer = await this.kube.kubectl('get', '--raw', '/readyz', '--request-timeout=5s').catch(() => '');
    return answer === 'ok';
  }

  /** Number of the node's process 1, as the machine counts. */
  private pid(): number {
    const children = readFileSync(`/proc/${this.child.pid}/task/${this.child.pid}/children`, 'utf8').trim();
    return Number(children.split(' ')[0]);
  }

  private lastWords(): string {
    const tail = (name: string) => readFileSync(this.place.log(name), 'utf8').trim().split('\n').slice(-4).join('\n');
    return ['init', ...nodeProgramNames]
      .filter((name) => existsSync(this.place.log(name)))
      .map((name) => `${name}: ${tail(name)}`)
      .join('\n');
  }
}

/** Starts process 1 in namespaces of its own. Killed, it takes everything inside along. */
function launch(place: NodePlace, programs: Programs): ChildProcess {
  const certificates = writeNodeFiles(place);
  const script = place.path('init.sh');
  writeFileSync(script, initScript(place, nodeCommands(place, certificates, programs)));
  const log = openSync(place.log('init'), 'a');
  const apart = ['unshare', '--mount', '--pid', '--fork', '--kill-child=KILL'];
  // Its input stays open as long as this process lives; that is how it learns of a sudden end.
  return spawn('nsenter', [`--net=${place.network}`, ...apart, 'bash', script], { stdio: ['pipe', log, log] });
}
