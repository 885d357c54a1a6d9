import type { Condition } from '#libs/contracts/object-status.js';
import { type Finding, toConditions } from './conditions.js';
import type { KubeObject } from './runtime/kube-object.js';

/** Conditions of an object with one finding, in the words kstatus reads. */
export function readyConditions(
  object: KubeObject,
  ready: Omit<Finding, 'type'>,
  before: readonly Condition[] | undefined,
  now: Date,
): Condition[] {
  const isStalled = ready.status === 'False' && ready.reason === 'InvalidSpec';
  const findings: Finding[] = [
    { ...ready, type: 'Ready' },
    { ...ready, type: 'Stalled', status: isStalled ? 'True' : 'False' },
  ];
  return [...toConditions(findings, before ?? [], object.metadata.generation ?? 0, now)];
}
