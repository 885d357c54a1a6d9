import { hostname } from 'node:os';
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { platformName } from '#libs/contracts/platform-spec.js';
import { describeError } from '#libs/kernel/errors.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import { Applier } from './applier.js';
import { type CapabilityChange, capabilityNotes, CapabilityWatch, kindsWith } from './capabilities.js';
import { ClusterKeysWatch } from './cluster-keys.js';
import { ClusterView } from './cluster-view.js';
import { TenantDeletion } from './deletion.js';
import { ownResources } from './kinds.js';
import { Notices } from './notices.js';
import { TenantReconciler } from './reconcile.js';
import { BackendReconciler } from './reconcile-backend.js';
import { PlatformReconciler } from './reconcile-platform.js';
import { ShardReconciler } from './reconcile-shard.js';
import { RolloutRunner } from './rollout-runner.js';
import type { KindName } from './runtime/api-resource.js';
import { KubeClient } from './runtime/client.js';
import type { Capabilities } from './resources/render-input.js';
import type { Connection } from './runtime/connection.js';
import { Controller, type Reconcile } from './runtime/controller.js';
import { EventRecorder } from './runtime/event-recorder.js';
import type { KubeObject } from './runtime/kube-object.js';
import { type ElectionTimes, LeaderElector } from './runtime/leader-election.js';
import { ResourceTable } from './runtime/resource-table.js';
import { runtimeMetrics, type RuntimeMetrics } from './runtime/runtime-metrics.js';
import { sleep, type Timers } from './runtime/timers.js';
import { KubeTransport } from './runtime/transport.js';
import { WorkQueue } from './runtime/work-queue.js';
import { StatusWriter } from './status-writer.js';
import { watchBackends, watchPlatform, watchShards } from './watch-objects.js';
import { addAll, watchTenants } from './watch-tenants.js';

export interface OperatorOptions {
  readonly connection: Connection;
  readonly parts: OperatorParts;
  readonly timers: Timers;
  readonly log: Logger;
  readonly metrics: Registry;
  /** Its own namespace: the lease, and the Secrets that manifests refer to. */
  readonly namespace: string;
  /** Folder for snapshots of tenants that are deleted; null for none. */
  readonly snapshots: string | null;
  readonly election?: ElectionTimes;
  /** Tenants at once. */
  readonly workers?: number;
  /** How long changes are gathered before the platform is looked at, in ms. */
  readonly gatherMs?: number;
  /** How often it looks what else the cluster can do, in ms. */
  readonly capabilitiesMs?: number;
  /** How often it looks by which keys the cluster's pods are known, in ms. */
  readonly clusterKeysMs?: number;
}

/** A controller and what it works on. */
interface Running {
  readonly queue: WorkQueue;
  readonly controller: Controller;
}

/** What every reconciler gets. */
interface CommonParts {
  readonly client: KubeClient;
  readonly view: ClusterView;
  readonly status: StatusWriter;
  readonly namespace: string;
  readonly capabilities: () => Capabilities;
  readonly clusterKeys: () => string | null;
  readonly now: () => Date;
}

/** What the operator sees of the cluster. */
interface Seen {
  readonly view: ClusterView;
  readonly capabilities: CapabilityWatch;
  readonly keys: ClusterKeysWatch;
}

const leaseName = 'whisper-operator';

/** Tenants at once: each waits mostly for the database and the API server. */
const usualWorkers = 12;
/** Half a second is soon for a person, and enough for the changes of a whole helm upgrade. */
const usualGatherMs = 500;
/** How soon an API server that does not answer at the start is asked again. */
const startRetryMs = 2_000;
/** There are few objects of the other kinds. */
const fewWorkers = 2;

/** Everything that reconciles the platform's objects, elected to do so alone. */
export class Operator {
  private readonly client: KubeClient;
  private readonly runtime: RuntimeMetrics;
  private readonly elector: LeaderElector;
  private readonly events: EventRecorder;
  private readonly notices: Notices;
  private readonly identity = `${hostname()}_${randomUUID()}`;
  private view: ClusterView | null = null;
  private controllers: readonly Running[] = [];

  constructor(private readonly options: OperatorOptions) {
    const { connection, timers, metrics, namespace, election } = options;
    this.runtime = runtimeMetrics(metrics);
    const transport = new KubeTransport({ connection, timers, metrics: this.runtime, userAgent: 'whisper-operator' });
    this.client = new KubeClient(transport, new ResourceTable(transport, ownResources));
    const onTrouble = this.trouble;
    this.elector = new LeaderElector({
      client: this.client,
      timers,
      namespace,
      name: leaseName,
      identity: this.identity,
      metrics: this.runtime,
      onTrouble,
      ...(election === undefined ? {} : { times: election }),
    });
    this.events = new EventRecorder({
      client: this.client,
      timers,
      controller: 'whisperengine.ai/operator',
      instance: this.identity,
      onTrouble,
    });
    this.notices = new Notices({
      events: this.events,
      driftCorrections: new Counter({
        name: 'whisper_drift_corrections_total',
        help: 'Changes of tenants’ objects by others that were put right, by kind and by who made them.',
        labelNames: ['kind', 'manager'],
        registers: [metrics],
      }),
    });
  }

  /** Every kind has been seen once, so that a reconcile would know the cluster. */
  get isReady(): boolean {
    return this.view?.hasSynced === true;
  }

  get isLeader(): boolean {
    return this.elector.isLeader;
  }

  /** A worker is stuck, which only a restart mends. */
  get isStuck(): boolean {
    return this.controllers.some(({ controller }) => controller.isStuck);
  }

  /** Brings the gauges up to date before they are read. */
  measure(): void {
    for (const { queue } of this.controllers) queue.measure();
  }

  /** Watches at once, and reconciles while it leads, until `signal` aborts. Rejects when leadership was lost. */
  async run(signal: AbortSignal): Promise<void> {
    const { timers, namespace, capabilitiesMs } = this.options;
    // What was begun ends with the leadership, too: one that lost it has nothing to tell any more.
    const ending = new AbortController();
    const until = AbortSignal.any([signal, ending.signal]);
    // Every watch listens to it.
    setMaxListeners(0, until);
    const { client, trouble: onTrouble } = this;
    const everyMs = capabilitiesMs === undefined ? {} : { everyMs: capabilitiesMs };
    const follow = (kinds: readonly KindName[], during: AbortSignal): Promise<void> => view.follow(kinds, during);
    const capabilities: CapabilityWatch = await this.patiently(signal, () =>
      CapabilityWatch.open({ client, timers, onTrouble, follow, ...everyMs }),
    );
    const view = new ClusterView({ client, timers, namespace, onTrouble }, kindsWith(capabilities.current));
    this.view = view;
    const keys = this.clusterKeys();
    await keys.look(until);
    const watching = Promise.all([view.run(until), capabilities.run(until), keys.run(until)]);
    try {
      const isLost = await this.elector.run(signal, async (leading) => {
        await view.waitForSync(leading);
        await this.lead({ view, capabilities, keys }, leading);
      });
      if (isLost) throw new LostLeadership();
    } finally {
      ending.abort();
      await this.events.flush();
      await watching;
      this.client.transport.close();
    }
  }

  private clusterKeys(): ClusterKeysWatch {
    const { timers, log, clusterKeysMs } = this.options;
    return new ClusterKeysWatch({
      client: this.client,
      timers,
      onTrouble: (error) =>
        log.warn({ error: describeError(error) }, 'the keys of pods could not be read; the last ones count'),
      ...(clusterKeysMs === undefined ? {} : { everyMs: clusterKeysMs }),
    });
  }

  /** An API server that is away while we start is waited for: a process that ends is started anew later each time. */
  private async patiently<Answer>(signal: AbortSignal, ask: () => Promise<Answer>): Promise<Answer> {
    for (;;)
      try {
        return await ask();
      } catch (error) {
        this.trouble(error);
        await sleep(this.options.timers, startRetryMs, signal);
        if (signal.aborted) throw error;
      }
  }

  private async lead({ view, capabilities, keys }: Seen, signal: AbortSignal): Promise<void> {
    const { parts, namespace, timers, workers = usualWorkers, gatherMs = usualGatherMs } = this.options;
    const client = this.client.fenced(() => this.elector.assertHeld());
    const common = {
      client,
      view,
      status: new StatusWriter(client),
      namespace,
      capabilities: () => capabilities.current,
      clusterKeys: () => keys.current,
      now: () => timers.now(),
    };
    const shardUrls = new Map<string, string>();
    const remember = (shard: string, url: string | null) =>
      void (url === null ? shardUrls.delete(shard) : shardUrls.set(shard, url));
    const shards = new ShardReconciler({ ...common, shards: parts.shards, remember });
    const backends = new BackendReconciler({ ...common, registry: parts.registry });
    const outdated = new Set(await parts.registry.outdated());
    const applier = new Applier(common);
    const ofTenants = this.controller('tenant', this.tenants({ ...common, applier }, outdated).reconcile, workers);
    const ofShards = this.controller('shard', shards.reconcile, fewWorkers);
    const ofBackends = this.controller('backend', backends.reconcile, fewWorkers);
    const { notices } = this;
    const rollout = new RolloutRunner({ ...common, notices });
    const platform = new PlatformReconciler({ ...common, parts, applier, shardUrls, rollout, notices });
    const ofPlatform = this.controller('platform', platform.reconcile, 1);
    watchTenants(view, ofTenants.queue);
    // A Redis that came back empty has lost every login, that of the shared apps too.
    parts.redisTenants?.onReturn(() => {
      ofPlatform.queue.add(platformName, 'child');
      addAll(view, ofTenants.queue);
    });
    watchShards(view, ofShards.queue);
    watchBackends(view, ofBackends.queue);
    watchPlatform(view, ofPlatform.queue, gatherMs);
    capabilities.onChange((change) => {
      this.tellOf(view, change);
      addAll(view, ofTenants.queue);
      ofPlatform.queue.add(platformName, 'child');
    });
    keys.onChange(() => {
      addAll(view, ofTenants.queue);
      ofPlatform.queue.add(platformName, 'child');
    });
    this.controllers = [ofTenants, ofShards, ofBackends, ofPlatform];
    await Promise.all(this.controllers.map(({ controller }) => controller.run(signal)));
  }

  private tellOf({ platforms }: ClusterView, { capability, isThere }: CapabilityChange): void {
    const { found, lost } = capabilityNotes[capability];
    const note = isThere ? found : lost;
    this.options.log.info({ capability, isThere }, 'the cluster can do something else than before');
    const platform = platforms.get(platformName);
    if (platform === undefined) return;
    this.notices.event(platform, 'Normal', isThere ? 'CapabilityFound' : 'CapabilityLost', note);
  }

  private controller(name: string, reconcile: Reconcile, workers: number): Running {
    const { timers, log } = this.options;
    const metrics = this.runtime;
    const queue = new WorkQueue({ name, timers, metrics });
    const onFailure = (key: string, error: unknown, retryInMs: number | null) =>
      log.warn(
        { kind: name, name: key, error: describeError(error), retryInMs },
        'an object is not what it should be yet',
      );
    return { queue, controller: new Controller({ name, queue, timers, workers, metrics, reconcile, onFailure }) };
  }

  private tenants(common: CommonParts & { readonly applier: Applier }, outdated: Set<string>): TenantReconciler {
    const { parts, snapshots } = this.options;
    const tell = (object: KubeObject, reason: string, note: string) =>
      this.notices.event(object, 'Normal', reason, note);
    return new TenantReconciler({
      ...common,
      parts,
      notices: this.notices,
      deletion: new TenantDeletion({ ...common, parts, snapshots, tell }),
      outdated,
      random: Math.random,
    });
  }

  private readonly trouble = (error: unknown): void => {
    if (!this.options.log.isLevelEnabled('debug')) return;
    this.options.log.debug({ error: describeError(error) }, 'the API server did not answer as it should');
  };
}

/** Somebody else leads now: the process ends, and starts anew as a candidate. */
export class LostLeadership extends Error {
  constructor() {
    super('another replica leads now');
    this.name = 'LostLeadership';
  }
}
