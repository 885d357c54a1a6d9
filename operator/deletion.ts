import { describeError } from '#libs/kernel/errors.js';
import type { OperatorParts } from '#libs/platform/compose-operator.js';
import type { Tenant } from '#libs/tenancy/domain/tenant.js';
import { type Finding, toConditions } from './conditions.js';
import { holdFinalizers } from './finalizers.js';
import { annotations } from './kinds.js';
import { isOfTenant, namespaceOf } from './resources/names.js';
import type { KubeClient } from './runtime/client.js';
import type { ReconcileResult } from './runtime/controller.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { StatusWriter } from './status-writer.js';
import { readSpec, readStatus } from './tenant-work.js';

/** What the cluster cannot collect, in the order in which it is given up. */
export const finalizers = ['whisperengine.ai/workloads', 'whisperengine.ai/data'] as const;
type Finalizer = (typeof finalizers)[number];

/** A namespace takes seconds to empty itself; its end is looked for this often. */
const lookEveryMs = 2_000;

interface DeletionParts {
  readonly client: KubeClient;
  readonly parts: OperatorParts;
  readonly status: StatusWriter;
  /** Where snapshots are written; null where the operator was given no place for them. */
  readonly snapshots: string | null;
  readonly now: () => Date;
  readonly tell: (object: KubeObject, reason: string, note: string) => void;
}

/** Not yet: come again when the namespace is gone. */
class StillThere {}

/** Takes a tenant apart: workloads, then logins, then data by its policy. Each step is safe to run again. */
export class TenantDeletion {
  constructor(private readonly deletion: DeletionParts) {}

  /** Keeps the object until its own things are gone. */
  async protect(object: KubeObject, signal: AbortSignal): Promise<void> {
    const held = object.metadata.finalizers ?? [];
    if (finalizers.every((finalizer) => held.includes(finalizer))) return;
    await this.hold(object, finalizers, signal);
  }

  /** One round of taking apart; the object goes when the last finalizer does. */
  async run(object: KubeObject, signal: AbortSignal): Promise<ReconcileResult> {
    const left = finalizers.filter((finalizer) => object.metadata.finalizers?.includes(finalizer));
    for (const finalizer of left) {
      try {
        const done = await this.release(finalizer, object, signal);
        if (done instanceof StillThere) return await this.waiting(object, signal);
      } catch (error) {
        await this.blocked(object, error, signal);
        throw error;
      }
      await this.hold(object, left.slice(left.indexOf(finalizer) + 1), signal);
    }
    this.deletion.status.forget(object);
    return {};
  }

  private release(finalizer: Finalizer, object: KubeObject, signal: AbortSignal): Promise<StillThere | void> {
    switch (finalizer) {
      case 'whisperengine.ai/workloads':
        return this.releaseWorkloads(object, signal);
      case 'whisperengine.ai/data':
        return this.releaseData(object);
    }
  }

  private tenantOf(object: KubeObject): Promise<Tenant | null> {
    return this.deletion.parts.registry.find(object.metadata.name);
  }

  private async releaseWorkloads(object: KubeObject, signal: AbortSignal): Promise<StillThere | void> {
    const { parts, client } = this.deletion;
    // Nobody is served any more from here on, whatever becomes of the rest.
    await parts.registry.suspend(object.metadata.name);
    const ref = { apiVersion: 'v1', kind: 'Namespace', name: namespaceOf(object.metadata.name) };
    // Asked, not remembered: one that was made a moment ago may not be in memory yet.
    const space = await client.find(ref, { signal });
    if (space !== null && isOfTenant(space, object.metadata.name)) {
      if (space.metadata.deletionTimestamp === undefined) {
        const { uid } = space.metadata;
        await client.delete(ref, { ...(uid === undefined ? {} : { preconditions: { uid } }), signal });
      }
      return new StillThere();
    }
    const tenant = await this.tenantOf(object);
    if (tenant === null || isForced(object)) return;
    await parts.redisTenants?.take(tenant);
    await parts.logins.take(tenant.id);
  }

  private async releaseData(object: KubeObject): Promise<void> {
    const { parts, tell } = this.deletion;
    const tenant = await this.tenantOf(object);
    if (tenant === null) return;
    if (isForced(object))
      return tell(object, 'DataLeft', `The schema ${tenant.schema} was left on shard ${tenant.shard}.`);
    const read = readSpec(object);
    const policy = read.kind === 'valid' ? read.spec.database.deletionPolicy : 'Retain';
    switch (policy) {
      case 'Retain':
        return tell(
          object,
          'DataKept',
          `The schema ${tenant.schema} on shard ${tenant.shard} is kept, and comes back with the tenant.`,
        );
      case 'Snapshot':
        return this.eraseAfterSnapshot(object, tenant);
      case 'Delete':
        await parts.registry.retire(tenant.id);
        await parts.registry.erase(tenant.id);
        return tell(object, 'DataDeleted', `The schema ${tenant.schema} on shard ${tenant.shard} was dropped.`);
    }
  }

  private async eraseAfterSnapshot(object: KubeObject, tenant: Tenant): Promise<void> {
    const { parts, snapshots, tell } = this.deletion;
    if (snapshots === null) throw new SnapshotImpossible();
    await parts.registry.retire(tenant.id);
    const report = await parts.exporter.export(tenant.id, snapshots);
    await parts.exporter.verify(report.folder);
    await parts.registry.erase(tenant.id);
    tell(object, 'DataExported', `${report.tables.length} tables were exported to ${report.folder} and dropped.`);
  }

  private hold(object: KubeObject, held: readonly string[], signal: AbortSignal): Promise<void> {
    return holdFinalizers(this.deletion.client, object, held, signal);
  }

  private async waiting(object: KubeObject, signal: AbortSignal): Promise<ReconcileResult> {
    const message = `The namespace ${namespaceOf(object.metadata.name)} is being emptied.`;
    await this.report(object, { type: 'DeletionBlocked', status: 'False', reason: 'Emptying', message }, signal);
    return { requeueAfterMs: lookEveryMs };
  }

  private async blocked(object: KubeObject, error: unknown, signal: AbortSignal): Promise<void> {
    const help = `To give the data up where it is, annotate the tenant with ${annotations.forceDelete}=${object.metadata.name}.`;
    const message = `${describeError(error)} It is tried again. ${help}`;
    await this.report(object, { type: 'DeletionBlocked', status: 'True', reason: 'StepFailed', message }, signal);
  }

  private async report(object: KubeObject, blocked: Finding, signal: AbortSignal): Promise<void> {
    const before = readStatus({ ...object, status: this.deletion.status.current(object) });
    const ready: Finding = { type: 'Ready', status: 'False', reason: 'Terminating', message: blocked.message };
    const generation = object.metadata.generation ?? 0;
    const conditions = toConditions([ready, blocked], before.conditions ?? [], generation, this.deletion.now());
    const status = { ...before, observedGeneration: generation, phase: 'Terminating', conditions };
    await this.deletion.status.write(object, status, signal);
  }
}

function isForced({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[annotations.forceDelete] === metadata.name;
}

class SnapshotImpossible extends Error {
  constructor() {
    super(
      'deletionPolicy is Snapshot, and the operator has no folder for snapshots (snapshots.existingClaim of the chart).',
    );
    this.name = 'SnapshotImpossible';
  }
}
