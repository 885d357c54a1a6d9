import { monitorKind, routeKind } from './kinds.js';
import { scalingMetrics } from './resources/names.js';
import type { Capabilities } from './resources/render-input.js';
import { groupPath, type KindName } from './runtime/api-resource.js';
import type { KubeClient } from './runtime/client.js';
import { hasStatus } from './runtime/kube-api-error.js';
import { sleep, type Timers } from './runtime/timers.js';

/** Something that the cluster can do now, or cannot do any more. */
export interface CapabilityChange {
  readonly capability: keyof Capabilities;
  readonly isThere: boolean;
}

interface WatchOptions {
  readonly client: KubeClient;
  readonly timers: Timers;
  readonly onTrouble: (error: unknown) => void;
  /** Brings the watches to these kinds, before anything is made of them. */
  readonly follow: (kinds: readonly KindName[], signal: AbortSignal) => Promise<void>;
  readonly everyMs?: number;
}

/** A person who installs one of these waits this long at most; four requests in that time are next to none. */
const usualEveryMs = 300_000;
/** How soon an answer that did not come is asked for again. */
const retryMs = 30_000;
/** The autoscaler takes the first that there is. */
const metricsVersions = ['custom.metrics.k8s.io/v1beta2', 'custom.metrics.k8s.io/v1beta1'] as const;

/** The kinds that come with what the cluster can do. */
export function kindsWith(can: Capabilities): readonly KindName[] {
  return [...(can.gatewayApi ? [routeKind] : []), ...(can.serviceMonitor ? [monitorKind] : [])];
}

/** Looks now and then what the cluster can do beside its own kinds. Where it gets no answer, the last one holds. */
export class CapabilityWatch {
  private readonly hearers: ((change: CapabilityChange) => void)[] = [];
  private isUnsure = false;

  private constructor(
    private readonly options: WatchOptions,
    private known: Capabilities,
  ) {}

  /** Looks for the first time. @throws {KubeApiError} when the API server does not say which kinds it has */
  static async open(options: WatchOptions): Promise<CapabilityWatch> {
    const { client } = options;
    const [gatewayApi, serviceMonitor] = await Promise.all([hasKind(client, routeKind), hasKind(client, monitorKind)]);
    const watch = new CapabilityWatch(options, { gatewayApi, serviceMonitor, customMetrics: false });
    // Metrics come from somebody else's server, which may be away while we start.
    const customMetrics = await watch.ask(() => hasScalingMetrics(client), false);
    watch.known = { gatewayApi, serviceMonitor, customMetrics };
    return watch;
  }

  get current(): Capabilities {
    return this.known;
  }

  /** Calls `hear` for each change, once it is in `current`. */
  onChange(hear: (change: CapabilityChange) => void): void {
    this.hearers.push(hear);
  }

  /** Looks again and again until `signal` aborts. Never fails. */
  async run(signal: AbortSignal): Promise<void> {
    const { timers, everyMs = usualEveryMs } = this.options;
    while (!signal.aborted) {
      await sleep(timers, this.isUnsure ? Math.min(retryMs, everyMs) : everyMs, signal);
      if (!signal.aborted) await this.look(signal);
    }
  }

  private async look(signal: AbortSignal): Promise<void> {
    const { client, follow } = this.options;
    const before = this.known;
    this.isUnsure = false;
    const [gatewayApi, serviceMonitor, customMetrics] = await Promise.all([
      this.ask(() => hasKind(client, routeKind), before.gatewayApi),
      this.ask(() => hasKind(client, monitorKind), before.serviceMonitor),
      this.ask(() => hasScalingMetrics(client), before.customMetrics),
    ]);
    const now = { gatewayApi, serviceMonitor, customMetrics };
    const changes = (['gatewayApi', 'serviceMonitor', 'customMetrics'] as const).filter(
      (capability) => now[capability] !== before[capability],
    );
    if (changes.length === 0 || signal.aborted) return;
    try {
      await follow(kindsWith(now), signal);
    } catch (error) {
      // A kind that cannot be watched is not used either; the next look tries again.
      this.isUnsure = true;
      this.options.onTrouble(error);
      return;
    }
    this.known = now;
    for (const capability of changes) for (const hear of this.hearers) hear({ capability, isThere: now[capability] });
  }

  private async ask(question: () => Promise<boolean>, before: boolean): Promise<boolean> {
    try {
      return await question();
    } catch (error) {
      this.isUnsure = true;
      this.options.onTrouble(error);
      return before;
    }
  }
}

/** Names and kinds of what a version of a group holds; null where there is no such version. */
async function served(
  client: KubeClient,
  apiVersion: string,
): Promise<readonly { readonly name: string; readonly kind: string }[] | null> {
  try {
    const body = await client.transport.request({ method: 'GET', path: groupPath(apiVersion) });
    return (body as { resources?: { name: string; kind: string }[] }).resources ?? [];
  } catch (error) {
    if (hasStatus(error, 404)) return null;
    throw error;
  }
}

async function hasKind(client: KubeClient, { apiVersion, kind }: KindName): Promise<boolean> {
  return (await served(client, apiVersion))?.some((row) => row.kind === kind) ?? false;
}

/**
 * Whether somebody serves the metrics that our autoscalers ask for. One that serves others only does not help: an
 * autoscaler that asks in vain never scales down.
 */
async function hasScalingMetrics(client: KubeClient): Promise<boolean> {
  for (const version of metricsVersions) {
    const rows = await served(client, version);
    if (rows === null) continue;
    const names = new Set(rows.map(({ name }) => name));
    return Object.values(scalingMetrics).every((metric) => names.has(`pods/${metric}`));
  }
  return false;
}

/** What a change means, for people. */
export const capabilityNotes: Readonly<Record<keyof Capabilities, { readonly found: string; readonly lost: string }>> =
  {
    gatewayApi: {
      found: 'The cluster has HTTPRoutes now; tenants get theirs where ingress.type is gateway.',
      lost: 'The cluster has no HTTPRoutes any more; where ingress.type is gateway, nothing leads to the tenants.',
    },
    serviceMonitor: {
      found: 'The cluster has ServiceMonitors now; each dedicated tenant gets one.',
      lost: 'The cluster has no ServiceMonitors any more.',
    },
    customMetrics: {
      found: 'Somebody serves open sockets and running calls of pods now; autoscalers go by them too.',
      lost: 'Nobody serves open sockets and running calls of pods any more; autoscalers go by CPU alone.',
    },
  };
