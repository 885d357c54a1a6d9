import { pino } from 'pino';
import { Registry } from 'prom-client';
import { ownResources } from '#operator/kinds.js';
import { Operator } from '#operator/operator.js';
import { labelNames } from '#operator/resources/names.js';
import type { KubeObject } from '#operator/runtime/kube-object.js';
import { SystemTimers } from '#operator/runtime/timers.js';
import { FakeApiServer } from '#test/fakes/fake-api-server/fake-api-server.js';
import type { SeenRequest } from '#test/fakes/fake-api-server/faults.js';
import { memoryOperatorParts, MemoryExporter, MemoryRegistry } from '#test/fakes/memory-operator-parts.js';
import { sharedApps } from './shared-apps.js';
import { until } from './until.js';

const home = 'whisper-system';
/** Short, so that the next operator does not keep a test waiting. */
const election = { leaseMs: 300, renewMs: 200, retryMs: 20 };
const group = 'whisperengine.ai/v1alpha1';

/** One operator process, as far as the API server can tell. */
interface RunningOperator {
  readonly name: string;
  readonly stop: AbortController;
  readonly ended: Promise<void>;
  /** Whether it leads and has seen everything. */
  readonly isAtWork: () => boolean;
  /** How often it began: one that ends is started anew, as a cluster would. */
  readonly starts: () => number;
}

interface FakeOptions {
  /** Fields of the WhisperPlatform beside its version. */
  readonly platform?: object;
  /** How often an operator looks what else the cluster can do. */
  readonly capabilitiesMs?: number;
}

/** Operators over an API server in memory; they can be killed between any two of their writes. */
export class OperatedFake {
  readonly registry = new MemoryRegistry();
  readonly exporter = new MemoryExporter();
  /** Writes of operators for tenants, in their order: `PATCH /path`. */
  readonly writes: string[] = [];
  /** All writes of operators but leases and events: the platform's too. */
  private activity = 0;
  private readonly dead = new Set<string>();
  private readonly operators: RunningOperator[] = [];
  private readonly stopPlaying = new AbortController();
  /** Whether writes of the platform's status count as well. */
  countsPlatform = false;
  /** Pods of this version never come up. */
  brokenVersion: string | null = null;
  private crash: { readonly isMoment: (request: SeenRequest) => boolean; readonly isDone: boolean } | null = null;

  private constructor(
    readonly api: FakeApiServer,
    private readonly options: FakeOptions,
  ) {
    api.onWrite = (request) => this.hear(request);
    void this.playDeployments();
  }

  static async start(options: FakeOptions = {}): Promise<OperatedFake> {
    const api = await FakeApiServer.start({ resources: [...ownResources] });
    const fake = new OperatedFake(api, options);
    api.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: home } });
    for (const app of sharedApps(home)) api.seed(app);
    const platform = { version: '1.0.0', publicUrl: 'https://chat.example', ...options.platform };
    fake.seed('WhisperPlatform', 'whisper', platform);
    return fake;
  }

  /** An object of ours, as if somebody had applied it. */
  seed(kind: string, name: string, spec: object): void {
    this.api.seed({ apiVersion: group, kind, metadata: { name, generation: 1 }, spec });
  }

  /** Starts one more operator. */
  startOperator(): RunningOperator {
    const name = `Bearer operator-${this.operators.length}`;
    const stop = new AbortController();
    let current: Operator | null = null;
    let starts = 0;
    const running = {
      name,
      stop,
      ended: this.supervise(name, stop.signal, (operator) => {
        current = operator;
        starts += 1;
      }),
      isAtWork: () => current !== null && current.isLeader && current.isReady,
      starts: () => starts,
    };
    this.operators.push(running);
    return running;
  }

  /** One that lost its lease, as a busy test machine has it happen, is started anew, as a cluster would. */
  private async supervise(name: string, signal: AbortSignal, tell: (operator: Operator) => void): Promise<void> {
    const { server } = this.api.connection;
    while (!signal.aborted) {
      const operator = new Operator({
        connection: { server, credentials: () => Promise.resolve({ headers: { authorization: name } }) },
        parts: memoryOperatorParts(this.registry, this.exporter),
        timers: new SystemTimers(),
        log: pino({ level: 'silent' }),
        metrics: new Registry(),
        namespace: home,
        snapshots: '/snapshots',
        election,
        gatherMs: 10,
        ...(this.options.capabilitiesMs === undefined ? {} : { capabilitiesMs: this.options.capabilitiesMs }),
      });
      tell(operator);
      await operator.run(signal).catch(() => undefined);
    }
  }

  /** Ends an operator as a power cut would: nothing that it still sends arrives. */
  kill({ name, stop }: RunningOperator): void {
    this.dead.add(name);
    stop.abort();
  }

  /** The operator that runs is killed at its write number `at` from now: before it is done, or before its answer. */
  killAt(at: number, isDone: boolean): void {
    this.killWhen(() => this.writes.length === at, isDone);
  }

  /** The same at the first write that `isMoment`. */
  killWhen(isMoment: (request: SeenRequest) => boolean, isDone: boolean): void {
    this.writes.length = 0;
    this.crash = { isMoment, isDone };
  }

  /** Waits until an operator is at work and has written nothing for a while, and `isTrue`. */
  async settled(isTrue: () => boolean, timeoutMs = 20_000): Promise<void> {
    let seen = -1;
    const isAtWork = () => this.operators.some((one) => !one.stop.signal.aborted && one.isAtWork());
    await until(async () => {
      if (seen !== this.activity || !isAtWork() || !this.isCounted() || !isTrue()) {
        seen = this.activity;
        await new Promise((resolve) => setTimeout(resolve, quietMs));
        return false;
      }
      return true;
    }, timeoutMs);
  }

  find(kind: string, name: string): KubeObject | undefined {
    return this.api.store.all().find((object) => object.kind === kind && object.metadata.name === name);
  }

  /** Whether the platform's status has counted the tenants as they are. */
  private isCounted(): boolean {
    const all = this.api.store.all().filter(({ kind }) => kind === 'WhisperTenant');
    const ready = all.filter(({ status }) => (status as { phase?: string } | undefined)?.phase === 'Ready').length;
    const status = this.find('WhisperPlatform', 'whisper')?.['status'];
    const counts = (status as { tenants?: { ready: number; total: number } } | undefined)?.tenants;
    return counts?.ready === ready && counts.total === all.length;
  }

  /** Whether the status of a tenant is of its newest generation. */
  isObserved(tenant: string): boolean {
    const object = this.find('WhisperTenant', tenant);
    const status = object?.['status'] as { observedGeneration?: number } | undefined;
    return object !== undefined && status?.observedGeneration === object.metadata.generation;
  }

  phaseOf(tenant: string): string | undefined {
    return (this.find('WhisperTenant', tenant)?.['status'] as { phase?: string } | undefined)?.phase;
  }

  /** Everything but leases and events, without what differs from run to run. */
  state(): unknown[] {
    return this.api.store
      .all()
      .filter(({ kind }) => kind !== 'Lease' && kind !== 'Event')
      .map(({ metadata, ...rest }) => {
        const { name, namespace, labels, annotations, finalizers } = metadata;
        const text = JSON.stringify({ ...rest, metadata: { name, namespace, labels, annotations, finalizers } });
        // Times, ids, and digests of what holds an id.
        const same = text.replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'time').replaceAll(uid, 'id');
        return JSON.parse(same.replaceAll(/"whisperengine.ai\/applied":"\w+"/g, '"applied":"digest"')) as unknown;
      })
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  }

  async close(): Promise<void> {
    this.stopPlaying.abort();
    this.api.onWrite = null;
    for (const { stop } of this.operators) stop.abort();
    await Promise.all(this.operators.map(({ ended }) => ended));
    await this.api.stop();
  }

  private hear(request: SeenRequest): void {
    const { authorization = '', method, path } = request;
    if (!authorization.startsWith('Bearer operator-')) return;
    if (this.dead.has(authorization)) throw new Error('this operator is dead');
    if (path.includes('/leases') || path.includes('/events')) return;
    this.activity += 1;
    if (path.includes(`/${home}/`) || (path.includes('/whisperplatforms/') && !this.countsPlatform)) return;
    const { crash } = this;
    if (crash?.isMoment(request) === true) {
      this.crash = null;
      const victim = this.operators.find(({ name }) => name === authorization);
      if (victim !== undefined) this.kill(victim);
      if (!crash.isDone) throw new Error('killed before this write was done');
    }
    this.writes.push(`${method} ${path}`);
  }

  /** Deployments come up at once, as far as their status tells. */
  private async playDeployments(): Promise<void> {
    const { signal } = this.stopPlaying;
    const { server } = this.api.connection;
    while (!signal.aborted) {
      for (const { kind, metadata, ...object } of this.api.store.all()) {
        if (kind !== 'Deployment') continue;
        const { replicas = 1 } = object['spec'] as { replicas?: number };
        const isBroken = metadata.labels?.[labelNames.version] === this.brokenVersion;
        const status = {
          observedGeneration: metadata.generation,
          replicas: isBroken ? replicas + 1 : replicas,
          updatedReplicas: isBroken ? 1 : replicas,
          availableReplicas: replicas,
        };
        if (JSON.stringify(object['status']) === JSON.stringify(status)) continue;
        const path = `${server}/apis/apps/v1/namespaces/${metadata.namespace}/deployments/${metadata.name}/status`;
        await fetch(path, {
          method: 'PATCH',
          headers: { 'content-type': 'application/merge-patch+json' },
          body: JSON.stringify({ status }),
        }).catch(() => undefined);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** An operator that has anything to do writes within this time. */
const quietMs = 120;
const uid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
