import type { TenantStatus } from '#libs/contracts/object-status.js';
import type { TenantSpec } from '#libs/contracts/tenant-spec.js';
import { appNames } from '#libs/contracts/workload-settings.js';
import { annotations } from './kinds.js';
import { type PlatformState, versionFor } from './platform-state.js';
import { labelNames } from './resources/names.js';
import type { RolloutTenant } from './rollout-tenant.js';
import type { KubeObject } from './runtime/kube-object.js';
import { isRolledOut } from './steps/health.js';
import { isPaused, readSpec, readStatus } from './tenant-work.js';

/** What a look at the followers is made from. */
export interface FollowerView {
  readonly platform: PlatformState;
  /** Objects of a tenant. */
  readonly childrenOf: (tenant: string) => readonly KubeObject[];
  readonly now: Date;
  /** Since when this process leads: whoever was not looked after before cannot have been late. */
  readonly leadsSince: Date;
}

/**
 * A tenant as a rollout sees it; null for one that does not follow the platform: it is pooled or pinned, or it goes
 * away, or the operator may not or cannot change it now.
 */
export function followerOf(object: KubeObject, view: FollowerView): RolloutTenant | null {
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined || isPaused(object)) return null;
  const read = readSpec(object);
  if (read.kind === 'invalid' || !follows(read.spec)) return null;
  const { spec } = read;
  const status = readStatus(object);
  const version = versionFor(object, spec, view.platform);
  const ready = conditionOf(status, 'Ready');
  const claims = ready?.status === 'True';
  const isCurrent = (ready?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
  const isReady = claims && isCurrent && hasRolledOut(view.childrenOf(metadata.name), version);
  const assigned = metadata.annotations?.[annotations.assignedAt];
  return {
    name: metadata.name,
    ring: spec.ring,
    version,
    running: status.platformVersion ?? null,
    isReady,
    // It says that it is Ready and is not: it is looked at in this moment.
    since: claims && !isReady ? view.now : latest(sinceOf(object, status), view.leadsSince),
    assignedAt: assigned === undefined ? null : latest(dateOf(assigned) ?? view.now, view.leadsSince),
    isNoProof: metadata.annotations?.[annotations.assignedWhileDown] === 'true',
    isAsleep: spec.suspended === true || spec.hibernate?.enabled === true,
  };
}

/** Whether the version of a tenant is that of the platform, sooner or later. */
export function follows(spec: TenantSpec): boolean {
  return spec.isolation === 'dedicated' && spec.platformVersion === undefined;
}

/** A condition is what somebody said last; the Deployments show whether it still is so. */
function hasRolledOut(children: readonly KubeObject[], version: string): boolean {
  return appNames.every((app) =>
    children.some(
      (object) =>
        object.kind === 'Deployment' &&
        object.metadata.name === app &&
        object.metadata.labels?.[labelNames.version] === version &&
        isRolledOut(object, children),
    ),
  );
}

/** Since when it is Ready, or is at work without being it: one that woke up just now has not been late for weeks. */
function sinceOf({ metadata }: KubeObject, status: TenantStatus): Date {
  const ready = conditionOf(status, 'Ready');
  const working = conditionOf(status, 'Reconciling');
  const isWorking = ready?.status !== 'True' && working?.status === 'True';
  const time = (isWorking ? working : ready)?.lastTransitionTime ?? metadata.creationTimestamp;
  return dateOf(time) ?? new Date(0);
}

function conditionOf(status: TenantStatus, type: string) {
  return status.conditions?.find((condition) => condition.type === type);
}

function latest(one: Date, other: Date): Date {
  return one > other ? one : other;
}

function dateOf(text: string | undefined): Date | null {
  const date = new Date(text ?? '');
  return Number.isNaN(date.getTime()) ? null : date;
}
