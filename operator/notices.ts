import type { Counter } from 'prom-client';
import type { TenantStatus } from '#libs/contracts/object-status.js';
import type { Drift } from './drift.js';
import type { EventRecorder } from './runtime/event-recorder.js';
import type { KubeObject } from './runtime/kube-object.js';
import type { TenantWork } from './tenant-work.js';

interface NoticeParts {
  readonly events: EventRecorder;
  /** Labels: kind, manager. */
  readonly driftCorrections: Counter<'kind' | 'manager'>;
}

/** Tells people what happened to a tenant: events of the cluster, and metrics. */
export class Notices {
  constructor(private readonly parts: NoticeParts) {}

  /** What a round did. `isNew`: its status says something that it did not say before. */
  tell(
    work: TenantWork,
    status: TenantStatus,
    round: { readonly drift: readonly Drift[]; readonly isNew: boolean },
  ): void {
    for (const drift of round.drift) this.drifted(work.object, drift);
    if (!round.isNew) return;
    const ready = status.conditions?.find(({ type }) => type === 'Ready');
    const before = work.status.conditions?.find(({ type }) => type === 'Ready');
    if (ready === undefined || (ready.status === before?.status && ready.reason === before.reason)) return;
    const isTrouble = ready.status !== 'True' && status.phase !== 'Provisioning' && status.phase !== 'Suspended';
    this.event(work.object, isTrouble ? 'Warning' : 'Normal', ready.reason, ready.message);
  }

  event(regarding: KubeObject, type: 'Normal' | 'Warning', reason: string, note: string): void {
    this.parts.events.record({ regarding, type, reason, action: 'Reconcile', note });
  }

  private drifted(object: KubeObject, drift: Drift): void {
    this.parts.driftCorrections.inc({ kind: drift.kind, manager: drift.manager });
    const what = drift.path === '' ? '' : ` at ${drift.path}`;
    this.event(
      object,
      'Warning',
      'DriftCorrected',
      `${drift.manager} changed ${drift.object}${what}; it was put right.`,
    );
  }
}
