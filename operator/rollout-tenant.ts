import type { PlatformStatus } from '#libs/contracts/object-status.js';
import type { RolloutSettings } from '#libs/contracts/platform-spec.js';
import { type RingName, ringNames } from '#libs/contracts/tenant-placement.js';

/** A rollout as the status of the WhisperPlatform keeps it. */
export type Rollout = NonNullable<PlatformStatus['rollout']>;

/** A tenant that follows the version of the platform, as a rollout sees it. */
export interface RolloutTenant {
  readonly name: string;
  readonly ring: RingName;
  /** Version that it should run now. */
  readonly version: string;
  /** Version that it served with last; null where it never has. */
  readonly running: string | null;
  readonly isReady: boolean;
  /** Since when it is Ready, or is not. */
  readonly since: Date;
  /** When a rollout gave it its version; null where none has. */
  readonly assignedAt: Date | null;
  /** It was not Ready when it got its version, so that it says nothing about that version. */
  readonly isNoProof: boolean;
  /** Runs no pod: a version can neither harm it nor be proven by it. */
  readonly isAsleep: boolean;
}

/** All that a rollout is decided from. */
export interface RolloutInput {
  /** Version the platform should have. */
  readonly version: string;
  /** Version that every tenant had last. */
  readonly reached: string;
  readonly settings: RolloutSettings;
  /** The rollout as it was decided last. */
  readonly before: Rollout | undefined;
  /** Those that follow the platform; the order does not matter. */
  readonly tenants: readonly RolloutTenant[];
  readonly now: Date;
}

/** A tenant that gets another version now. */
export interface Assignment {
  readonly tenant: string;
  readonly version: string;
  /** See RolloutTenant. */
  readonly isNoProof: boolean;
}

/** The position of a ring in the order of an upgrade. */
export function rankOf(ring: RingName): number {
  return ringNames.indexOf(ring);
}

/** It serves with the version it should have. */
export function serves(tenant: RolloutTenant): boolean {
  return tenant.isReady && tenant.running === tenant.version;
}

/** Nothing is waited for: it serves, or nothing can be seen from it. */
export function isSettled(tenant: RolloutTenant): boolean {
  return tenant.isAsleep || tenant.isNoProof || serves(tenant);
}

/** It has been given enough time to serve with its version, and does not. */
export function isOverdue(tenant: RolloutTenant, { settings, now }: RolloutInput): boolean {
  return !isSettled(tenant) && now.getTime() >= deadlineOf(tenant, settings);
}

/** When a tenant that is not settled has failed, in ms since 1970. */
export function deadlineOf(tenant: RolloutTenant, { readyTimeoutSeconds }: RolloutSettings): number {
  // One that has served with the version is judged from the moment it stopped to, and so is one that slept meanwhile.
  const assignedAt = tenant.running === tenant.version ? 0 : (tenant.assignedAt?.getTime() ?? 0);
  return Math.max(assignedAt, tenant.since.getTime()) + readyTimeoutSeconds * 1000;
}

/** Tenants that are on their way to the version they were given: they may be unavailable because of us. */
export function underWay(tenants: readonly RolloutTenant[], input: RolloutInput): readonly RolloutTenant[] {
  return tenants.filter((tenant) => tenant.assignedAt !== null && !isSettled(tenant) && !isOverdue(tenant, input));
}

/**
 * The next tenants that get `version`: those that serve now, as many as may be unavailable at once, and all that do
 * not serve anyway.
 */
export function nextOf(
  waiting: readonly RolloutTenant[],
  version: string,
  { tenants, settings, ...rest }: RolloutInput,
): readonly Assignment[] {
  const free = Math.max(0, settings.maxUnavailable - underWay(tenants, { tenants, settings, ...rest }).length);
  const sorted = waiting.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const down = sorted.filter((tenant) => tenant.isAsleep || !tenant.isReady);
  const up = sorted.filter((tenant) => !down.includes(tenant)).slice(0, free);
  return [...down, ...up].map((tenant) => ({
    tenant: tenant.name,
    version,
    // One that another version broke on its way is asked about this one: else a failed canary would let all others in.
    isNoProof: !tenant.isAsleep && !tenant.isReady && tenant.version === rest.reached && version !== rest.reached,
  }));
}
