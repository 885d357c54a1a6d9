import { ShardStatus } from '#libs/contracts/object-status.js';
import { ShardSpec } from '#libs/contracts/shard-spec.js';
import { AppError, asAppError } from '#libs/kernel/errors.js';
import type { ShardRegistry } from '#libs/tenancy/ports/shard-registry.js';
import type { ClusterView } from './cluster-view.js';
import { type Finding, reasonOf } from './conditions.js';
import { holdFinalizers } from './finalizers.js';
import { readyConditions } from './object-findings.js';
import type { KubeClient } from './runtime/client.js';
import type { Reconcile, ReconcileResult } from './runtime/controller.js';
import type { KubeObject } from './runtime/kube-object.js';
import { unreachable } from './shard-state.js';
import { specFaults } from './spec-faults.js';
import type { StatusWriter } from './status-writer.js';
import { textOf } from './steps/secrets.js';

interface ShardParts {
  readonly client: KubeClient;
  readonly view: ClusterView;
  readonly shards: ShardRegistry;
  readonly status: StatusWriter;
  readonly namespace: string;
  readonly now: () => Date;
  /** Keeps the address of its app login for the shared apps. */
  readonly remember: (shard: string, appUrl: string | null) => void;
}

/** Keeps the object until no tenant lives on the shard. */
const finalizer = 'whisperengine.ai/shard';
/** How often a shard is asked how it is: often enough for a dashboard, rare enough to be no load. */
const inspectMs = 60_000;
/** One that is away is asked more often: its tenants wait for it. */
const awayMs = 10_000;
/** In a cluster without regions every shard is in this one. */
const noRegion = 'default';

/** What the registry's errors are called on a DatabaseShard. */
const reasons = new Map<string, string>([
  ['shard_unavailable', unreachable],
  ['start_failed', 'NotPrepared'],
]);

type Ready = Omit<Finding, 'type'>;

/** Prepares a server for tenants, and tells how it is. */
export class ShardReconciler {
  constructor(private readonly own: ShardParts) {}

  readonly reconcile: Reconcile = async (name, { signal }) => {
    const object = this.own.view.shards.get(name);
    if (object === undefined) return {};
    const spec = ShardSpec.safeParse(object['spec']);
    if (object.metadata.deletionTimestamp !== undefined) return this.remove(object, signal);
    if (!spec.success) {
      const message = `${specFaults(spec.error)}.`;
      await this.report(object, { status: 'False', reason: 'InvalidSpec', message }, {}, signal);
      return {};
    }
    await this.hold(object, [finalizer], signal);
    const ready = await this.prepare(name, spec.data);
    const { reachable, serverVersion, tenants, sizeBytes, error } = await this.own.shards.inspect(name);
    const away: Ready = {
      status: 'False',
      reason: unreachable,
      message: `The server does not answer: ${error ?? 'no reason given'}.`,
    };
    const facts = {
      reachable,
      tenants,
      ...(serverVersion === null ? {} : { serverVersion }),
      ...(sizeBytes === null ? {} : { sizeBytes: roundedSize(sizeBytes) }),
    };
    const shown = ready.status === 'True' && !reachable ? away : ready;
    await this.report(object, shown, facts, signal);
    if (ready.status === 'False') throw new AppError('shard_unavailable', `${name}: ${ready.message}`);
    return { requeueAfterMs: reachable ? inspectMs : awayMs };
  };

  private async prepare(name: string, spec: ShardSpec): Promise<Ready> {
    const { name: secretName, key } = spec.connectionSecretRef;
    const adminUrl = textOf(this.own.view.secrets.get(`${this.own.namespace}/${secretName}`), key)?.trim();
    if (adminUrl === undefined || adminUrl === '') {
      const message = `spec.connectionSecretRef: there is no Secret "${secretName}" with the key "${key}" in the namespace ${this.own.namespace}.`;
      return { status: 'False', reason: 'SecretMissing', message };
    }
    try {
      const access = await this.own.shards.apply({
        name,
        region: spec.region ?? noRegion,
        capacity: spec.capacity,
        cordoned: spec.cordoned,
        weight: spec.weight,
        adminUrl,
      });
      this.own.remember(name, access.appUrl);
      const message = spec.cordoned
        ? 'The server serves its tenants, and takes no new one.'
        : 'The server takes tenants.';
      return { status: 'True', reason: spec.cordoned ? 'Cordoned' : 'Ready', message };
    } catch (error) {
      const { code, message, action } = asAppError(error);
      return { status: 'False', reason: reasons.get(code) ?? reasonOf(code), message: `${message} ${action}` };
    }
  }

  private async remove(object: KubeObject, signal: AbortSignal): Promise<ReconcileResult> {
    const { name } = object.metadata;
    try {
      await this.own.shards.remove(name);
    } catch (error) {
      const { message } = asAppError(error);
      const words = `${message} Delete its tenants first; the object goes when the last one is gone.`;
      await this.report(object, { status: 'False', reason: 'DeletionBlocked', message: words }, {}, signal);
      return { requeueAfterMs: inspectMs };
    }
    this.own.remember(name, null);
    await this.hold(object, [], signal);
    this.own.status.forget(object);
    return {};
  }

  private async hold(object: KubeObject, finalizers: readonly string[], signal: AbortSignal): Promise<void> {
    const held = object.metadata.finalizers?.includes(finalizer) === true;
    if (held === finalizers.length > 0) return;
    await holdFinalizers(this.own.client, object, finalizers, signal);
  }

  private async report(object: KubeObject, ready: Ready, facts: ShardStatus, signal: AbortSignal): Promise<void> {
    const before = ShardStatus.safeParse(this.own.status.current(object) ?? {}).data ?? {};
    const status: ShardStatus = {
      observedGeneration: object.metadata.generation ?? 0,
      conditions: readyConditions(object, ready, before.conditions, this.own.now()),
      ...facts,
    };
    await this.own.status.write(object, status, signal);
  }
}

/** A size that moves with every row would be written each minute: two digits are enough to see it grow. */
function roundedSize(bytes: number): number {
  const step = 10 ** Math.max(0, Math.floor(Math.log10(Math.max(1, bytes))) - 1);
  return Math.round(bytes / step) * step;
}
